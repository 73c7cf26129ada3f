call:answer()
local digits = call:ask { prompt = { { "terms", hold = true }, "enter-account" }, max = 2, wait = 1 }
call:set("GOT", digits or "nothing")
