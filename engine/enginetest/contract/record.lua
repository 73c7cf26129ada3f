call:answer()
call:on_end(function(why) call:set("WHY", why) end)
local r = call:record { name = "contract-" .. call.caller.number, stop = "#", max = 1.5 }
call:set("GOT", r.why .. " " .. (r.digit or "-"))
