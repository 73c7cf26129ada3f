call:answer()
call:menu {
  prompt = "main-menu", match = "longest", wait = 1.2, between = 0.5, tries = 1,
  choices = {
    ["1"]   = function() call:set("GOT", "one") end,
    ["123"] = function() call:set("GOT", "all") end,
  },
}
