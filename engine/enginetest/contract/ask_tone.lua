call:answer()
local digits, why = call:ask { prompt = tone("dial", 3), max = 2, wait = 1, between = 0.6, tries = 1 }
call:set("GOT", digits or why)
