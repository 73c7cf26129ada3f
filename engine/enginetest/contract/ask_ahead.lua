call:answer()
local account = call:ask { prompt = "enter-account", max = 3, wait = 1 }
local pin = call:ask { prompt = "enter-pin", max = 2, stop = "#", wait = 1, between = 0.6 }
call:set("GOT", account .. " " .. pin)
