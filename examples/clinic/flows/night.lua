-- The night service: whoever dials *28 inside the clinic and knows the PIN closes the reception, whatever its hours are,
-- and opens it again. Callers of 600 have it from then on.
local zone = "America/Sao_Paulo"

-- knows_pin counts calls, so that nobody tries them all.
local function knows_pin()
  if limit.per("pin:" .. call.caller.number, 5, "1h") == false then
    call:play("too-many-tries")
    return false
  end
  return call:ask {
    prompt = "enter-pin", min = 4, max = 4, secret = true, tries = 3, wait = 8,
    no_input = "please-type", invalid = "wrong-pin", failed = "no-luck",
    check = function(pin) return crypto.equal(pin, secrets.get("night_pin")) end,
  } ~= nil
end

-- tell says how it is now, and until when.
local function tell()
  local open, more = hours.open("reception")
  local state = open and "reception-is-open" or "reception-is-closed"
  if more.changes == 0 then return call:play { state, "until-cleared" } end
  call:play { state, "until", say.datetime(more.changes, { zone = zone }) }
end

local function override(state, options)
  local done, why = hours.override("reception", state, options)
  if not done then
    log.warn("the reception stays as it is:", why)
    call:play("nothing-changed")
  end
end

call:answer()
call:language("pt_BR")
if not knows_pin() then return call:hangup() end
tell()
call:menu {
  prompt = { "close-for-an-hour-1", "close-until-cleared-2", "open-for-an-hour-3", "usual-hours-0" }, wait = 8,
  no_input = "please-type", invalid = "no-such-choice",
  choices = {
    ["1"] = function() override("closed", { expire = 60 * 60, name = "night service" }) end,
    ["2"] = function() override("closed", { name = "night service" }) end,
    ["3"] = function() override("open", { expire = 60 * 60, name = "night service" }) end,
    ["0"] = function() hours.clear("reception") end,
  },
}
tell()
call:hangup()
