-- An override that is over needs nobody to clear it.
call:answer()
hours.override("office", "closed", { expire = 3 })
local open, more = hours.open("office")
call:set("FIRST", (open and "open " or "closed ") .. more.why)
call:wait(3.2)
open, more = hours.open("office")
call:set("THEN", (open and "open " or "closed ") .. more.why)
call:set("CLEARED", tostring(hours.clear("office")))
