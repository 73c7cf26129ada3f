call:answer()
call:wait(0.8)
call:set("GOT", call:ask { max = 2, wait = 0.5, between = 0.5, tries = 1 } or "nothing")
