local response = http.get("https://core.example/callers/" .. call.caller.number)
call:set("GOT", response.status)
call:answer()
call:play("welcome")
