-- PINs and how often they may be wrong. Nobody keeps a PIN: what is kept is its digest with a key that is neither in the
-- database nor in a flow nor in a journal. Without it ten thousand guesses would find the PIN behind a digest.
local tries = 3                   -- wrong PINs in a row, after which an account is locked
local lock  = 30 * 60             -- for so many seconds behind the last try

local pins = {}

-- digest is what is kept of a PIN. The account is part of it, so that equal PINs have different digests.
function pins.digest(number, pin)
  return crypto.hmac("sha256", secrets.get("pin_key"), number .. ":" .. pin)
end

-- try says whether a PIN is the one of which a digest was kept: true, or false and why: wrong, locked or system. A try is
-- counted before it is judged, so that several calls at once have no more tries than one. kept is nil if there is no such
-- account, which callers cannot tell from a wrong PIN.
function pins.try(number, pin, kept)
  local count, problem = kv.incr("tries:" .. number, 1, { expire = lock })
  if not count then
    log.error("tries cannot be counted:", problem)
    return false, "system"
  end
  if count > tries then return false, "locked" end
  if crypto.equal(pins.digest(number, pin), kept or "") then
    kv.delete("tries:" .. number)
    return true
  end
  return false, count == tries and "locked" or "wrong"
end

return pins
