call:answer()
local name = "contract/" .. call.caller.number
call:record { name = name, stop = "#", max = 5 }
call:play { "you-said", recording(name) }

local found = recordings.find(name)
call:set("FOUND", found.name .. " " .. found.format)
local list = recordings.list(name)
call:set("LISTED", #list .. " " .. list[1].name)

call:set("DELETED", tostring(recordings.delete(name)))
local again, why = recordings.delete(name)
call:set("AGAIN", tostring(again) .. " " .. why)
call:set("LEFT", #recordings.list(name))
local played = pcall(function() call:play(recording(name)) end)
call:set("PLAYED", tostring(played))
