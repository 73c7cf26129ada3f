call:answer()
local got = {}
for _, match in ipairs { "longest", "first", "timer" } do
  got[#got + 1] = call:ask {
    prompt = match, pattern = { "1", "1XX", "[2-4]." }, match = match, stop = "#", wait = 1.2, between = 0.5, tries = 2, invalid = "invalid",
  } or "none"
end
call:set("GOT", table.concat(got, " "))
