call:answer()
local name = "contract/end/" .. call.caller.number
call:on_end(function()
  call:set("FOUND", recordings.find(name) and "yes" or "no")
  call:set("DELETED", recordings.delete(name) and "yes" or "no")
end)
call:record { name = name, keep = true }
call:play(recording(name), { keys = { forward = "6", rewind = "4" } })
