call:answer()
local talk, why = call:pickup("nobody" .. call.caller.number)
call:set("GOT", why)
