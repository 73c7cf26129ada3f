call:answer()
call:set("BEFORE", call:language())
call:language("pt_BR")
call:set("AFTER", call:language() .. " " .. call:get("CHANNEL(language)"))
