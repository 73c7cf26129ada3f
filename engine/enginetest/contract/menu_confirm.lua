call:answer()
local choice, why = call:menu {
  prompt = "main-menu", wait = 0.8, tries = 2,
  choices = {
    ["1"] = function(digit)
      local sure = call:ask_yes_no { prompt = { "you-entered", say.digits(digit), "press-1-if-right" }, wait = 0.8, tries = 1 }
      if not sure then return "again" end
      call:play("thank-you")
    end,
  },
}
call:set("GOT", choice or why)
