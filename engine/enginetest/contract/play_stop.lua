call:answer()
local stopped = call:play({ "welcome", "one" }, { stop = "12" })
call:set("STOPPED", stopped or "no")
call:set("GOT", call:ask { max = 1, wait = 1, tries = 1 } or "nothing")
