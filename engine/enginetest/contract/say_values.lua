call:answer()
call:play { say.ordinal(3), say.percent(12), say.money(2.5, "USD"), say.count(2, "message") }
call:play { say.date "2026-12-03", say.time "14:30", say.duration(62) }
call:language("pt_BR")
call:play { say.number(2, { gender = "feminine" }), say.money(2.5, "BRL"), say.date "2026-12-03", say.time "14:30" }
call:play { say.phone("+551234"), say.spell("ab") }
