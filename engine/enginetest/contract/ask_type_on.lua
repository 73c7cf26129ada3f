call:answer()
local digits, why = call:ask {
  prompt = "enter-phone", pattern = { "[1-9]9XXXX", "[1-9][2-5]XXX" }, wait = 1, between = 1.5, tries = 3, invalid = "no-such-number",
}
call:set("GOT", digits or why)
