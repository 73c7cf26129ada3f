call:answer()
local response = http.service("core"):post("/orders", {
  json = { caller = call.caller.number }, filler = { after = 0.2, prompt = "one-moment", music = true },
})
call:set("GOT", response.status)
