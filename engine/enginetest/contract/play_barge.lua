call:answer()
call:play({ "welcome", "two" }, { barge = true })
call:set("GOT", call:ask { max = 1, wait = 1, tries = 1 } or "nothing")
