-- What is never reached, and causes and places.
local where = call.exten

local function on(cause) call:hangup(cause) end

if where == "1" then
  call:hangup("buzy")       --> call:hangup: cause: no hangup cause "buzy"; use a number from 1 to 127 or one of unallocated, no_route, normal, busy, no_response, no_answer, absent, rejected, number_changed, answered_elsewhere, out_of_order, invalid_number, unspecified, congestion, network_out_of_order, temporary_failure, switch_congestion, not_subscribed, outgoing_barred, incoming_barred, not_allowed, not_available, not_implemented, interworking
  call:play("vm-goodbye")   --> warning: this is never reached: call:hangup ends the flow on line 7
  call:play("vm-goodbye")
elseif where == "2" then
  call:continue("a b,s,1")  --> call:continue: to: "a b" cannot be part of a place in the dialplan
elseif where == "3" then
  call:continue { contxt = "operators" } --> call:continue: to: no option contxt; did you mean context?
elseif where == "4" then
  call:continue { context = "operators", exten = where, priority = 1 }
elseif where == "5" then
  do return end
  on("busy")                --> warning: this is never reached: there is a return on line 17
elseif where == "6" then
  pcall(function() call:hangup(17) end)
  call:hangup(200)          --> call:hangup: cause: no hangup cause "200"; use a number from 1 to 127 or one of unallocated, no_route, normal, busy, no_response, no_answer, absent, rejected, number_changed, answered_elsewhere, out_of_order, invalid_number, unspecified, congestion, network_out_of_order, temporary_failure, switch_congestion, not_subscribed, outgoing_barred, incoming_barred, not_allowed, not_available, not_implemented, interworking
elseif where == "7" then
  if on then return 1 else call:continue() end
  on("busy")                --> warning: this is never reached: every branch ends on line 23
elseif where == "8" then
  while true do
    if where then goto continue end
    do break end
    ::continue::
  end
  for i = 1, 3 do
    if i == 2 then break end
    log.info(i)
  end
end
on("busy")
call:hangup()
