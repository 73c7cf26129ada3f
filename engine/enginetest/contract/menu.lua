call:answer()
local choice, why = call:menu {
  prompt = "main-menu", wait = 0.7, between = 0.6, tries = 3, no_input = "still-there", invalid = "invalid",
  choices = {
    ["1"]   = function(d) call:set("PRESSED", d) end,
    ["2"]   = "menu_sub",
    ["0"]   = { continue = "operators,s,1" },
    ["3XX"] = function(ext) call:set("EXTENSION", ext) end,
  },
}
call:set("GOT", choice or why)
