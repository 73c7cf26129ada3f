call:answer()
local key, at = call:play(tts "Steered.", { stop = "#", keys = { restart = "1" } })
call:set("GOT", (key or "end") .. " " .. (at > 0.2 and at < 0.7 and "within" or "outside"))
