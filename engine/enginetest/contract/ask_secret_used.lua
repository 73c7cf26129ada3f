call:answer()
local pin = call:ask { prompt = "enter-pin", digits = 4, wait = 1, secret = true }
call:set("PIN", pin)
call:play { "your-code-is", say.digits(pin) }
call:set("RIGHT", call:get("PIN") == pin and "yes" or "no")
error("nobody must see " .. pin)
