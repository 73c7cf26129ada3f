call:answer()
local talk, why = call:dial("PJSIP/a" .. call.caller.number, {
  timeout = 5, announce = { "call-for-you", "press-one" }, confirm = "1", wait = 1.5,
})
call:set("GOT", talk and talk.ended or why)
