call:on_end(function(why) call:set("WHY", why) end)
call:answer()
while true do
  pcall(function() call:play("welcome") end)
end
