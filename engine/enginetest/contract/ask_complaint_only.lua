call:answer()
local digits = call:ask {
  prompt = "enter-account", again = {}, digits = 2, wait = 0.8, between = 0.6, tries = 3,
  no_input = { "please-type", "please-type", "still-there" }, invalid = "not-an-account", failed = "goodbye",
  check = function(d) return d == "42" end,
}
if not digits then return call:continue { context = "operators", exten = "s" } end
call:set("GOT", digits)
