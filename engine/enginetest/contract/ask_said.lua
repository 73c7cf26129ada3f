call:answer()
local digits, why = call:ask { prompt = { say.digits("1234"), "press-1-if-right" }, max = 1, wait = 1, tries = 1 }
call:set("GOT", digits or why)
digits, why = call:ask { prompt = "enter-pin", max = 2, wait = 1, between = 0.6, tries = 1 }
call:set("GOT", digits or why)
