local co = coroutine.create(function(a, b)
  local c = coroutine.yield(a + b)
  local d, e = coroutine.yield(c * 2)
  return d + e
end)
local function resume(...) return select(2, assert(coroutine.resume(...))) end
assert(coroutine.status(co) == "suspended" and resume(co, 1, 2) == 3 and resume(co, 10) == 20 and resume(co, 3, 4) == 7)
assert(coroutine.status(co) == "dead")
local ok, err = coroutine.resume(co)
assert(not ok and err == "cannot resume a coroutine that has ended", err)

local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local sum = 0
for i in range(10) do sum = sum + i end
assert(sum == 55)
-- abandoned ones make room for others
for _ = 1, 500 do
  for i in range(5) do if i == 3 then break end end
end
for _ = 1, 500 do assert(coroutine.resume(coroutine.create(function() end))) end

local inner
local outer = coroutine.create(function()
  inner = coroutine.create(function()
    assert(coroutine.status(outer_thread) == "normal")
    local ok, err = coroutine.resume(outer_thread)
    assert(not ok and err == "cannot resume a coroutine that is running", err)
    assert(coroutine.running() == inner)
    coroutine.yield("in")
  end)
  local _, v = coroutine.resume(inner)
  coroutine.yield(v)
end)
outer_thread = outer
local ok, v = coroutine.resume(outer)
assert(ok and v == "in", v)
assert(coroutine.running() == nil)

local w = coroutine.wrap(function() error("broken") end)
local ok, err = pcall(w)
assert(not ok and err == "coroutine.lua:39: broken", err)
assert(coroutine.running() == nil)
ok, err = pcall(w)
assert(not ok and err:find("cannot resume a coroutine that has ended", 1, true), err)
ok, err = coroutine.resume(coroutine.create(function() local x; x.y = 1 end))
assert(not ok and err == "coroutine.lua:45: attempt to index a nil value (local 'x') with key 'y'", err)
ok, err = coroutine.resume(coroutine.create(function() error({ code = 1 }) end))
assert(not ok and err.code == 1)
-- pcall within a coroutine, yield between
co = coroutine.wrap(function()
  coroutine.yield(select(2, pcall(error, "one")))
  coroutine.yield(select(2, pcall(error, "two")))
  return "three", "four"
end)
assert(co() == "one" and co() == "two" and select("#", co()) == 2)
assert(not pcall(coroutine.create, 1) and not pcall(coroutine.resume, 1) and not pcall(coroutine.yield))
assert(coroutine.wrap(print) and coroutine.resume(coroutine.create(math.max), 1, 2))
local ok, a, b = coroutine.resume(coroutine.create(function(...) return coroutine.yield(...) end), 1, 2)
assert(ok and a == 1 and b == 2)
