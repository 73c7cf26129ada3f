-- a caught error leaves the variables of what goes on alone
local n = 0
local function inc() n = n + 1 end
inc() pcall(error, "x") inc()
assert(n == 2, n)
pcall(function() local t; t.x = 1 end) inc()
assert(n == 3, n)
-- and what a failed function left behind keeps its last values
local left
pcall(function()
  local inner = 1
  left = function() inner = inner + 1; return inner end
  left()
  error("over")
end)
local other, another = "a", "b"
assert(left() == 3 and left() == 4 and other == "a" and another == "b")
for i = 1, 3 do
  pcall(function() pcall(error, "a"); inc(); error("b") end)
end
assert(n == 6, n)
-- from coroutines too
local co = coroutine.create(function()
  local mine = 10
  left = function() mine = mine + 1; return mine end
  pcall(error, "x")
  left()
  assert(mine == 11)
  error("dead")
end)
assert(not coroutine.resume(co))
assert(left() == 12)
inc()
assert(n == 7)
local w = coroutine.wrap(function() local m = 1; left = function() m = m + 1; return m end; error("w") end)
assert(not pcall(w))
inc()
assert(n == 8 and left() == 2 and left() == 3)
