call:answer()
http.get("https://core.example/slow")
local entry = call:ask { max = 2, wait = 0.5, between = 0.5, tries = 1 }
call:set("GOT", entry or "nothing")
