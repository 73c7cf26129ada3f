call:answer()
local n = call.caller.number
local talk, why = call:dial({ "PJSIP/a" .. n, "PJSIP/b" .. n, "PJSIP/c" .. n }, { timeout = 4 })
call:set("GOT", talk and talk.to or why)
