call:answer()
local digits = call:ask { prompt = { "please-listen", "to-this" }, max = 2, wait = 1, hold = true }
call:set("GOT", digits or "nothing")
