-- kv and what all flows share.
kv.set("a", 1, { expire = 60 })
log.info(kv.shared.get("a"))
kv.shared.gett("a") --> kv.shared has no gett; did you mean get?
kv.shared.set("a") --> kv.shared.set: value is missing: The value.
kv.shared.incr("a", 1.5) --> kv.shared.incr: by: want a whole number, got 1.5
kv.set("a", 1, { expires = 60 }) --> kv.set: no option expires; did you mean expire?
