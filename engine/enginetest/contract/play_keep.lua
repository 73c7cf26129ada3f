call:answer()
call:play("welcome")
local first = call:ask { prompt = "enter-two", max = 2, wait = 1 }
local second = call:ask { prompt = "enter-two", max = 2, wait = 1 }
call:set("GOT", first .. " " .. second)
