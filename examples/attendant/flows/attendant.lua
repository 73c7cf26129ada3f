-- The attendant: asks the caller for a name, rings three colleagues at once and tells whoever answers who is
-- calling. If nobody takes the call, the caller can leave a message.
local team = require "team"

local name = "attendant/name-" .. call.id
call:on_end(function() recordings.delete(name) end)

-- voicemail takes a message, and tells the colleagues' programs of it.
local function voicemail()
  call:play { "vm-nobodyavail", "vm-intro" }
  local message = call:record { name = "attendant/message-" .. call.id, max = 120, silence = 5, beep = true }
  if message.duration < 1 then return end
  call:emit("Voicemail", { from = call.caller.number, recording = message.name })
  call:play("vm-msgsaved")
end

call:answer()
call:play("priv-recordintro")
local said = call:record { name = name, max = 4, silence = 2, beep = true }
call:play("priv-introsaved")

local who = said.duration >= 0.5 and recording(name) or say.digits(call.caller.number)
local talk, why = call:dial(team, {
  timeout  = 20,
  music    = "default",
  announce = { "priv-callpending", who, "followme/options" },
  confirm  = "1",
  wait     = 8,
})

if talk then
  log.info("talked to", talk.to, "for", talk.seconds, "seconds")
else
  log.info("nobody took the call:", why)
  voicemail()
end
call:play("vm-goodbye")
call:hangup()
