call:answer()
local open, more = hours.open("office")
call:set("NOW", open and "open" or more.why)
local christmas
open, christmas = hours.open("office", time.parse("2026-12-25 10:00", "America/Sao_Paulo"))
call:set("CHRISTMAS", (open and "open" or "closed") .. " " .. christmas.name)
