call:answer() -- a call that failed before it was answered would hear nothing
call:play("sorry")
