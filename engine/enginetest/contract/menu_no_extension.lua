call:answer()
local choice, why = call:menu {
  prompt = "main-menu", wait = 0.8, between = 0.5, tries = 5, invalid_tries = 2, invalid = "no-such-extension", loop = true,
  choices = { ["3XX"] = { extension = "direct" }, ["9"] = { play = "opening-hours" } },
}
call:set("GOT", choice or why)
