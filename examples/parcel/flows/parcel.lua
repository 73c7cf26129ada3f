-- Where is my parcel? Whoever calls from a telephone that the sender knows hears it at once; all can enter a number. The
-- service that knows it may be slow, fail, or be gone: callers hear which, and can try again or talk to somebody.
local parcels = require "parcels"

local status = {
  announced  = { "not-with-us-yet" },
  on_the_way = { "on-the-way", "arrives-on" },
  in_van     = { "in-the-van" },
  delivered  = { "delivered", "on-the-day" },
  held       = { "waits-at-our-shop", "until-the-day" },
}

-- tell says where a parcel is, and the day with it if the service knows it.
local function tell(parcel)
  local where = status[parcel.status]
  if not where then
    log.error("a status that is new to us:", parcel.status)
    where = { "with-us" }
  end
  local prompts = { "your-parcel", say.digits(parcel.number), where[1] }
  if where[2] and parcel.day then
    table.insert(prompts, where[2])
    table.insert(prompts, say.date(parcel.day, { form = "short" }))
  end
  call:play(prompts, { barge = true })
end

local function operator(number)
  call:set("PARCEL", number or "")
  call:play("one-moment")
  return call:continue { context = "operators", exten = "s" }
end

-- look asks the service until it says something, as often as the caller wants it. It gives "unknown" if there is no
-- such parcel.
local function look(number)
  while true do
    local parcel, why = parcels.find(number)
    if parcel then return tell(parcel) end
    if why == "unknown" then return why end
    if why == "down" then
      call:play("system-down")
      return operator(number)
    end
    local key = call:ask {
      prompt = { "could-not-look", "again-1-person-0" }, pattern = { "1", "0", "9" }, wait = 8, tries = 2,
      no_input = "please-type", invalid = "no-such-choice",
    }
    if key == "9" then return end
    if key ~= "1" then return operator(number) end
  end
end

-- track asks for a number, and again if nobody knows that parcel.
local function track()
  for _ = 1, 3 do
    local number = call:ask {
      prompt = "enter-number", digits = 8, cancel = "*", wait = 10, between = 4,
      no_input = "please-type", invalid = "number-has-eight", failed = "no-luck",
      confirm = function(digits) return { "you-entered", say.digits(digits), "correct-1-else-2" } end,
    }
    if not number then return end
    if look(number) ~= "unknown" then return end
    call:play { "no-such-parcel", say.digits(number) }
  end
  call:play("no-luck")
end

local request = parcels.begin(call.caller.number)
call:answer()
call:play("welcome")
local known = parcels.finish(request)
if known then tell(known) end

call:menu {
  prompt = known and "other-parcel-menu" or "main-menu", loop = true, cancel = "*", no_input = "please-type", invalid = "no-such-choice",
  choices = {
    ["1"] = track,
    ["9"] = { back = true },
    ["0"] = function() operator(known and known.number) end,
  },
}
call:play("goodbye")
call:hangup()
