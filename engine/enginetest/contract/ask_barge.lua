call:answer()
local digits, why = call:ask { prompt = { { "news", barge = "1*" }, "enter-account" }, max = 2, cancel = "*", wait = 1, between = 0.6, tries = 1 }
call:set("GOT", digits or why)
