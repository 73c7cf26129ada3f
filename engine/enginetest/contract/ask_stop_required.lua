call:answer()
local amount, why, key = call:ask {
  prompt = "enter-amount", max = 3, stop = "#*", stop_required = true, wait = 1, between = 0.6, tries = 3, invalid = "end-with-pound",
}
call:set("GOT", (amount or why) .. " " .. (key or "none"))
