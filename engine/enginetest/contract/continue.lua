call:on_end(function(why) call:set("WHY", why) end)
call:answer()
call:menu { prompt = "main-menu", wait = 1, tries = 1, choices = {
  ["1"] = function() call:continue { context = "operators", exten = "s" } end,
  ["2"] = function() call:continue("operators,s,1") end,
  ["3"] = function() call:continue() end,
} }
