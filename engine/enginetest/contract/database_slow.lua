-- Keys pressed while a database is asked are kept; a hangup ends the question.
call:answer()
local greeting = db.value("select greeting from site")
call:play(greeting or "welcome")
local entry = call:ask { prompt = "enter-account", max = 3 }
call:set("ENTRY", entry)
