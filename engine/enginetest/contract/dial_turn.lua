call:answer()
local n = call.caller.number
local talk, why = call:dial({ "PJSIP/a" .. n, "PJSIP/b" .. n }, { timeout = 2, order = "turn" })
call:set("GOT", talk and talk.to or why)
