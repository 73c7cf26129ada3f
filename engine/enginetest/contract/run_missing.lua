call:answer()
call:run("no_such_flow")
