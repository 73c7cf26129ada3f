call:answer()
local digits, why = call:ask {
  prompt = "enter-account", digits = 2, cancel = "*", wait = 0.7, between = 0.5, tries = 2, invalid = "invalid", failed = "goodbye",
  confirm = function(d) return { "you-entered", say.digits(d), "press-1-if-right" } end,
}
call:set("GOT", digits or why)
