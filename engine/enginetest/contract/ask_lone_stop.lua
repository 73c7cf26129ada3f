call:answer()
local digits, why = call:ask { prompt = "enter-account", min = 0, max = 5, stop = "#", wait = 1, between = 0.5, tries = 1 }
call:set("GOT", digits and "<" .. digits .. ">" or why)
