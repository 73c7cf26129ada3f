call:answer()
local response = http.get("https://core.example/slow", { filler = { after = 0.1, prompt = "no-such-prompt" } })
call:set("GOT", response.status)
