call:on_end(function(why) call:set("WHY", why) end)
call:answer()
while true do end
