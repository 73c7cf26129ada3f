call:answer()
call:set("RESULT", call:exec("Set", "FROM_EXEC=1"))
