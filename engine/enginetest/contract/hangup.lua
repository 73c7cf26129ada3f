call:on_end(function(why) call:set("WHY", why) end)
call:hangup("busy")
call:play("never")
