-- What is written down when the caller has hung up.
call:answer()
call:on_end(function(why) db.exec("insert into visits (caller, why) values (?, ?)", call.caller.number, why) end)
call:play("main-menu")
call:play("never")
