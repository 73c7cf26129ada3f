call:answer()
local talk, why = call:park("slot" .. call.caller.number, { timeout = 1 })
call:set("GOT", why)
call:play("welcome")
