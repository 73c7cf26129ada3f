-- A clinic's line: who is calling, the next appointment, which can be confirmed, moved or cancelled, and free times to
-- choose from. Whoever gets no further is connected to the reception while somebody is there.
local appointments = require "appointments"
local patients = require "patients"

local zone = "America/Sao_Paulo"

-- reception connects the caller if it is open. Else they hear when it will be.
local function reception()
  local open, more = hours.open("reception")
  if open then
    call:play("one-moment")
    return call:continue { context = "reception", exten = "s" }
  end
  call:play {
    more.why == "holiday" and "closed-for-holiday" or "reception-closed",
    "we-answer-again", say.datetime(more.changes, { zone = zone }), "goodbye",
  }
  call:hangup()
end

-- out_of_order is for when the database does not answer.
local function out_of_order(why)
  log.warn("no answer from the database:", why)
  call:play("system-down")
  reception()
end

local function moment(appointment)
  return { say.date(appointment.starts, { zone = zone }), "at", say.time(appointment.starts, { zone = zone }) }
end

local function choose_language()
  call:menu {
    prompt = { "portuguese-1", "english-2" }, tries = 1, wait = 3,
    choices = { ["1"] = { play = {} }, ["2"] = function() call:language("en") end },
  }
end

-- ask_phone is the number that a patient has given the clinic; ask_birth the day on which they were born, which stays
-- out of journals and logs.
local function ask_phone()
  return call:ask {
    cancel = "*", wait = 8, no_input = "please-type", failed = "no-luck",
    prompt = "enter-phone", min = 10, max = 11, stop = "#", invalid = "phone-wrong",
  }
end

local function ask_birth()
  local today = time.format("%Y-%m-%d", time.now().epoch, zone)
  return call:ask_date {
    cancel = "*", wait = 8, no_input = "please-type", failed = "no-luck", secret = true,
    prompt = "enter-birth", format = "DDMMYYYY", invalid = "no-such-day",
    check  = { { check = function(date) return date < today end, invalid = "not-born-yet" } },
  }
end

-- identify finds out who is calling: by the number they call from, if it is one patient's; else by the day they were
-- born on, and by the number the clinic has of them. nil if that is nobody, and why if the database does not answer.
local function identify()
  local number = call.caller.number
  local known, why = patients.with_phone(number)
  if not known then return nil, why end
  if #known == 1 then
    call:language(known[1].language)
    return known[1]
  end
  choose_language()
  for _ = 1, 2 do
    local phone = #known > 1 and number or ask_phone()
    local birth = phone and ask_birth()
    if not birth then return nil end
    local patient, why = patients.born(phone, birth)
    if patient or why then return patient, why end
    call:play("nobody-found")
  end
end

-- choose offers free times, three at once, and gives the one that the caller wants; nil if that is none, and why if
-- the database does not answer.
local function choose()
  local chosen, last
  repeat
    local free, why = appointments.free(3, last)
    if not free then return nil, why end
    if #free == 0 then
      call:play(last and "no-more-times" or "no-free-times")
      return nil
    end
    last = free[#free]
    local offer, choices, later = {}, {}, false
    for i, slot in ipairs(free) do
      table.insert(offer, { moment(slot), "with-" .. slot.doctor, "press", say.number(i) })
      choices[tostring(i)] = function() chosen = slot end
    end
    choices["9"] = function() later = true end
    call:menu {
      prompt = { "free-times", offer, "for-later-times-9", "to-go-back-star" }, cancel = "*", wait = 8,
      no_input = "please-type", invalid = "no-such-choice", choices = choices,
    }
  until chosen or not later
  return chosen
end

-- book has the caller choose a time and books it, in place of the appointment they have, if any. If somebody else takes
-- it meanwhile they choose again.
local function book(patient, instead_of)
  for _ = 1, 3 do
    local slot, failed = choose()
    if failed then return out_of_order(failed) end
    if not slot then return end
    local done, why = appointments.book(slot, patient, instead_of)
    if done then return call:play { "booked-for", moment(slot), "with-" .. slot.doctor } end
    if why ~= "taken" then return out_of_order(why) end
    call:play("just-taken")
  end
end

-- change does something with the caller's appointment and says so, unless it no longer is theirs.
local function change(how, appointment, patient, done)
  local changed, why = how(appointment, patient)
  if not changed then return out_of_order(why) end
  call:play(changed > 0 and done or "not-yours-any-more")
end

local function cancel(appointment, patient)
  if call:ask_yes_no { prompt = "really-cancel", no_input = "please-type", invalid = "no-such-choice" } then
    change(appointments.cancel, appointment, patient, "cancelled")
  else
    call:play("not-cancelled")
  end
end

-- desk is what a patient can do, again and again: their appointment is looked up each time.
local function desk(patient)
  local done = false
  for _ = 1, 10 do
    local appointment, why = appointments.next_of(patient)
    if why then return out_of_order(why) end
    local prompt, choices
    if appointment then
      prompt = { "your-appointment", moment(appointment), "with-" .. appointment.doctor,
        appointment.confirmed and "is-confirmed" or "to-confirm-1", "to-cancel-2", "to-move-3" }
      choices = {
        ["1"] = function() change(appointments.confirm, appointment, patient, "confirmed") end,
        ["2"] = function() cancel(appointment, patient) end,
        ["3"] = function() book(patient, appointment) end,
      }
    else
      prompt = { "no-appointment", "to-book-3" }
      choices = { ["3"] = function() book(patient) end }
    end
    choices["9"] = function() done = true end
    choices["0"] = reception
    local chose = call:menu {
      prompt = { prompt, "for-reception-0", "to-finish-9" }, wait = 8,
      no_input = "please-type", invalid = "no-such-choice", choices = choices,
    }
    if done or not chose then return end
  end
end

call:answer()
call:language("pt_BR")
call:play("welcome")
local patient, why = identify()
if why then return out_of_order(why) end
if not patient then return reception() end
desk(patient)
call:play("goodbye")
call:hangup()
