call:answer()
local talk, why = call:dial("PJSIP/a" .. call.caller.number, { timeout = 3, stop = "*" })
call:set("GOT", talk and (talk.to .. " " .. talk.ended) or why)
call:play("welcome")
