call:answer()
pcall(function() call:hangup() end)
call:play("never")
