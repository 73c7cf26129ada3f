call:answer()
local digits, why = call:ask {
  prompt = "enter-account", digits = 4, wait = 1, between = 0.6, tries = 4, invalid = "invalid",
  check = {
    { pattern = { "1XXX", "2XXX" }, invalid = "must-start-with" },
    { check = function(d) return d ~= "1000", "taken" end, invalid = "taken" },
    function(d) return d:sub(-1) == "0", "not round" end,
  },
}
call:set("GOT", digits or why)
