call:answer()
local request = http.start { url = "https://core.example/slow" }
call:play("welcome")
local response = request:wait { filler = { after = 0.3, prompt = "one-moment" } }
call:set("GOT", response and response.status or "nothing")
