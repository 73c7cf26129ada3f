call:answer()
local choice, why = call:menu {
  prompt = "main-menu", wait = 0.8, between = 0.5, tries = 2, cancel = "*", loop = true, rounds = 4, no_input = "still-there",
  choices = {
    ["1"] = { play = "opening-hours" },
    ["2"] = { menu = {
      prompt = "sub-menu", wait = 0.8, tries = 2,
      choices = {
        ["1"] = function(d) call:set("PRESSED", d) end,
        ["2"] = { menu = { prompt = "sub-sub-menu", wait = 0.8, choices = { ["8"] = { back = true }, ["9"] = { top = true } } } },
        ["8"] = { back = true },
        ["0"] = { again = true },
      },
    } },
    ["3"] = function() return "back" end,
  },
}
call:set("GOT", choice or why)
