call:answer()
local key, at = call:play("message", {
  stop = "#", keys = { forward = "6", rewind = "4", pause = "5", restart = "1" }, skip = 0.4,
})
call:set("GOT", (key or "end") .. " " .. (at > 0.2 and at < 0.7 and "within" or "outside"))
