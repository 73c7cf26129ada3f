call:wait(1)
call:answer()
