-- A conference service: the PIN says which room, and whether the caller is its moderator.
local rooms = require "rooms"

call:answer()

local pin = call:ask {
  prompt = "conf-getpin", min = 4, max = 8, stop = "#", wait = 8, tries = 3, secret = true,
  invalid = "conf-invalidpin",
  check = function(digits) return rooms.of(digits) ~= nil, "no room has this PIN" end,
}
if not pin then
  call:play { "confbridge-pin-bad", "vm-goodbye" }
  return call:hangup()
end

local room = rooms.of(pin)
call:play("conf-placeintoconf")

local seconds, why = call:conference(room.name, {
  moderator = room.moderator,
  wait      = not room.moderator,       -- music until a moderator is there
  ends      = not room.moderator,       -- and nobody stays behind when the last one leaves
  max       = room.max,
  count     = true,
  keys      = { leave = "*0", mute = "*1", count = "*2", lock = "*3", mute_all = "*4", kick = "*5" },
})

local said = {
  locked = "conf-locked",
  full   = "conf-full",
  kicked = "conf-kicked",
  ended  = "confbridge-conf-end",
}
if said[why] then call:play(said[why]) end
log.info("conference", room.name, why, "after", seconds or 0, "seconds")
call:play("vm-goodbye")
call:hangup()
