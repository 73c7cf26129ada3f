call:answer()
local common = { wait = 1, between = 0.6, tries = 2, invalid = "invalid" }
local function with(options)
  for k, v in pairs(common) do options[k] = v end
  return options
end
local function text(v, why) return v == nil and why or tostring(v) end

call:set("YES", text(call:ask_yes_no(with { prompt = "yes-or-no" })))
call:set("DATE", text(call:ask_date(with { prompt = "enter-date", format = "DDMMYYYY", check = function(d) return d < "2030" end })))
call:set("TIME", text(call:ask_time(with { prompt = "enter-time", clock = "12h", half = "morning-or-afternoon" })))
call:set("AMOUNT", text(call:ask_money(with { prompt = "enter-amount", confirm = function(a) return say.digits(tostring(a * 100)) end })))
