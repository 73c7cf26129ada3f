call:answer()
local account = call:ask { prompt = "enter-account", digits = 2, stop = "#", cancel = "*", wait = 1, between = 0.6, term = 0.6 }
local pin = call:ask { prompt = "enter-pin", max = 2, stop = "#", wait = 1, between = 0.6 }
call:set("GOT", (account or "none") .. " " .. (pin or "none"))
