-- The night service: a feature code closes the office, and opens it again.
call:answer()
local open, more = hours.open("office")
call:set("BEFORE", (open and "open " or "closed ") .. more.why)
local pin = call:ask { prompt = "enter-pin", min = 4, max = 4, tries = 1, secret = true }
if pin ~= config.get("pin") then return call:play("sorry") end
if more.why == "override" and hours.clear("office") then
  call:play("office-open")
else
  local done, why = hours.override("office", "closed", { expire = 2 * 60 * 60, name = "night service" })
  if not done then return call:set("WHY", why) end
  call:play("office-closed")
end
open, more = hours.open("office")
call:set("NOW", (open and "open " or "closed ") .. more.why .. " " .. more.name)
call:set("CHANGES", time.format("%H:%M", more.changes, "America/Sao_Paulo"))
