call:answer()
call:run("run_inner")
call:play("outer")
