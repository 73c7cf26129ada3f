call:answer()
local choice, why = call:menu {
  prompt = "main-menu", wait = 0.8, between = 0.5, invalid = "no-such-extension", choices = { ["XXX"] = { extension = "direct" } },
}
call:set("GOT", choice or why)
