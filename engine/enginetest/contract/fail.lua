call:on_end(function(why) call:set("WHY", why) end)
call:answer()
call:play("welcome")
local nothing
call:play(nothing.prompt)
