call:answer()
local r = call:record { name = "contract-" .. call.caller.number, max = 10, silence = 1 }
call:set("GOT", r.why .. " " .. (r.duration < 5 and "short" or "long"))
