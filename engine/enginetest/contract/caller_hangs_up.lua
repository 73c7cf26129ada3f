call:on_end(function(why) call:set("WHY", why) end)
call:answer()
call:play("welcome")
call:ask { prompt = "enter-account", min = 5, wait = 1, tries = 1 }
