call:answer()
call:run("fail")
call:play("never")
