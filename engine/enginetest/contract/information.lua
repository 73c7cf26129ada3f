call:answer()
call:set("I", call.caller.number .. "|" .. call.caller.name .. "|" .. call.exten .. "|" .. (call.args.x or "none"))
log.info("seen")
