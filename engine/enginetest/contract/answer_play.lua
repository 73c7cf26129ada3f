call:answer()
call:answer()
call:play("welcome")
call:play { "one", silence(0.5), "two" }
call:play {}
