call:answer()
local digits, why = call:ask {
  prompt = "enter-account", min = 3, max = 5, stop = "#", cancel = "*", wait = 1, between = 0.8, tries = 2, invalid = "invalid",
}
call:set("GOT", digits or why)
