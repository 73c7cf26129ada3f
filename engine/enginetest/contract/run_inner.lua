call:play("inner")
call:run("run_innermost")
