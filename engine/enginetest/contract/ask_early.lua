call:progress()
local digits, why = call:ask { prompt = "enter-account", max = 2, wait = 1.5, between = 0.8, tries = 1 }
call:answer()
call:set("GOT", digits or why)
