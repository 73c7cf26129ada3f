call:answer()
call:play { say.number(-12), say.number("2.5"), say.characters("a@b.c"), say.characters("10.0.0.1"), say.spell("x") }
call:play { say.date("2026-12-03", { form = "short" }), say.date("2026-12-03", { form = "weekday" }), say.time("09:05", { clock = "24" }) }
call:play { say.time(1790000000, { zone = "Asia/Tokyo" }), say.duration(7500, { smallest = "minute" }) }
call:play { say.datetime("2026-11-27 09:30", { zone = "UTC" }), say.count(1, "message"), say.money("0.05", "USD") }
local _, why = pcall(say.date, "2026-12-03", { form = "sideways" })
call:set("WHY", why)
