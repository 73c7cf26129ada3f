call:answer()
local digits, why = call:ask {
  prompt = "enter-account", min = 2, max = 2, wait = 0.6, between = 0.6, tries = 4,
  no_input = { "please-type", "still-there" },
  invalid = { "not-an-account", "please-check" },
  check = function(d) return d == "42", "unknown account" end,
}
call:set("GOT", digits or why)
