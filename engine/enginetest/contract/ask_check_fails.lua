call:answer()
call:ask { prompt = "enter-account", max = 1, wait = 1, check = function(d) error("no " .. d) end }
