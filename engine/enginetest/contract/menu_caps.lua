call:answer()
local choice, why = call:menu {
  prompt = { "welcome", "main-menu" }, again = "main-menu", wait = 0.6, between = 0.5, tries = 4, no_input_tries = 2, invalid_tries = 2,
  no_input = "still-there", invalid = "invalid", failed = "goodbye", loop = true, rounds = 3,
  choices = { ["1"] = { play = "opening-hours" }, ["9"] = { back = true } },
}
if why == "no_input" then call:hangup() end
if why == "invalid" then call:continue("operators,s,1") end
call:set("GOT", choice or why)
