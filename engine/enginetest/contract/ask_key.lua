call:answer()
local function show(digits, why, key) return "<" .. (digits or why) .. " " .. (key or "none") .. ">" end
local one = show(call:ask { prompt = "enter-account", min = 0, max = 1, stop = "#*", wait = 1, tries = 1 })
local two = show(call:ask { prompt = "enter-pin", max = 2, stop = "", wait = 1, between = 0.6, tries = 1 })
local three = show(call:ask { prompt = "enter-account", max = 5, cancel = "*", wait = 0.6, between = 0.6, tries = 1 })
call:set("GOT", one .. two .. three)
