call:on_end(function(why) call:set("WHY", why) end)
call:answer()
call:play { "welcome", tts "Thank you for calling." }
call:play(tts("Obrigado.", { language = "pt_BR" }))
local n = call:ask { prompt = { tts("A slow text, made for one caller.") }, max = 1, wait = 1, tries = 1 }
call:play { tts("You pressed " .. (n or "nothing") .. "."), say.number(2) }
if not pcall(function() call:play(tts("Nobody can say this.", { language = "tlh" })) end) then
  call:play("sorry")
end
