call:answer()
local digits, why = call:ask {
  prompt = { "welcome", "enter-account" }, again = "enter-account", digits = 2, wait = 0.6, between = 0.6, tries = 5,
  no_input_tries = 2, invalid_tries = 3, no_input = "please-type", invalid = "not-an-account", failed = "goodbye",
  check = function(d) return d == "42" end,
}
call:set("GOT", digits or why)
