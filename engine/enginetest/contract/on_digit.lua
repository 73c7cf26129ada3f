call:answer()
local seen = ""
call:on("digit", function(key)
  seen = seen .. key
  return key == "#"
end)
call:play("please-listen")
call:play("to-this")
local got = call:ask { prompt = "enter-two", max = 2, wait = 1 }
call:set("GOT", seen .. " " .. got)
