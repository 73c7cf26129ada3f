call:answer()
call:play("welcome")
local digits, why = call:ask { prompt = "enter-account", max = 2, wait = 1, between = 0.6, tries = 1, flush = true }
call:set("GOT", digits or why)
