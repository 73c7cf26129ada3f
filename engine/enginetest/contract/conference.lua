call:answer()
local seconds, why = call:conference("room" .. call.caller.number, { quiet = true, keys = { leave = "*9" } })
call:set("GOT", why .. " " .. (seconds and seconds > 0.8 and seconds < 4 and "right" or tostring(seconds)))
