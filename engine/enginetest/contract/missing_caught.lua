call:answer()
if not pcall(function() call:play("no-such-prompt") end) then
  call:play("welcome")
end
