call:answer()
local pin = call:ask { prompt = "enter-pin", min = 4, max = 4, wait = 1, secret = true }
call:set("RIGHT", pin == "1234" and "yes" or "no")
