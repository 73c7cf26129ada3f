call:set("HERE", call.flow)
