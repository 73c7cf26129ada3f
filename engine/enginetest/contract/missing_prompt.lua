call:answer()
call:play { "welcome", "no-such-prompt", "never" }
