local t = { 3, 1, 2 }
table.sort(t)
assert(table.concat(t) == "123" and table.concat(t, ",", 2) == "2,3" and table.concat(t, "", 2, 2) == "2" and table.concat({}, ",") == "")
table.sort(t, function(a, b) return a > b end)
assert(table.concat(t, " ") == "3 2 1")
t = { "b", "a", "C" }
table.sort(t)
assert(table.concat(t) == "Cab")
assert(not pcall(table.sort, { 1, "x" }) and not pcall(table.sort, { {}, {} }))
local mt = { __lt = function(a, b) return a.n < b.n end }
local objects = { setmetatable({ n = 2 }, mt), setmetatable({ n = 1 }, mt) }
table.sort(objects)
assert(objects[1].n == 1)

t = {}
table.insert(t, "a") table.insert(t, "c") table.insert(t, 2, "b") table.insert(t, 1, "0") table.insert(t, 5, "z")
assert(table.concat(t) == "0abcz", table.concat(t))
assert(not pcall(table.insert, t, 7, "x") and not pcall(table.insert, t, 0, "x") and not pcall(table.insert, t))
assert(table.remove(t) == "z" and table.remove(t, 1) == "0" and table.concat(t) == "abc" and table.remove(t, 2) == "b")
assert(table.remove({}) == nil and table.remove(t, 9) == nil and #t == 2)
t[#t] = nil
table.insert(t, "n")
assert(table.concat(t) == "an")
assert(table.maxn { 1, 2, [10] = 3, x = 1 } == 10 and table.getn { 1, 2 } == 2 and select("#", table.unpack { 1, 2, 3 }) == 3)
assert(not pcall(table.concat, { {} }) and not pcall(table.concat, { 1, nil, 3 }, "", 1, 3))

-- lists and other keys
t = {}
for i = 1, 1000 do t[i] = i end
assert(#t == 1000 and t[1000] == 1000)
t[5551234] = "by number"
t["5551234"] = "by text"
assert(t[5551234] == "by number" and t["5551234"] == "by text" and #t == 1000)
t[1.5], t[-1], t[0], t[true] = 1, 2, 3, 4
assert(t[1.5] == 1 and t[-1] == 2 and t[0] == 3 and t[true] == 4)
assert(not pcall(function() t[nil] = 1 end) and not pcall(function() t[0/0] = 1 end) and t[nil] == nil)
assert(not pcall(rawset, t, nil, 1))

-- assignment to several, with everything evaluated first
local i, a = 1, {}
i, a[i] = i + 1, 20
assert(i == 2 and a[1] == 20 and a[2] == nil)
a = { 1, 2, 3 }
a[1], a[3] = a[3], a[1]
local k = "key"
a[k], a.other, a[k .. 2] = 1, 2
assert(a[1] == 3 and a[3] == 1 and a.key == 1 and a.other == 2 and a.key2 == nil)
local function three() return 1, 2, 3 end
local x, y, z
x, a[k], z = three()
assert(x == 1 and a.key == 2 and z == 3)
a[k], x = three(), 9
assert(a.key == 1 and x == 9)

-- constructors
local function values(...) return { ... }, { "first", ... }, { three(), three() }, { (three()) }, { x = 1, ..., y = 2 }, select("#", ...) end
local p, q, r, s, u, n = values(1, nil, 3)
assert(p[1] == 1 and p[2] == nil and p[3] == 3 and n == 3)
assert(q[1] == "first" and q[2] == 1 and q[4] == 3)
assert(#r == 4 and r[1] == 1 and r[2] == 1 and r[4] == 3 and #s == 1 and u[1] == 1 and u.x == 1 and u.y == 2)
local name = "k"
local c = { [name] = 1, [name .. 2] = 2, [1] = "one", [1000] = "far", plain = 3, "first"; [3] = three() }
assert(c.k == 1 and c.k2 == 2 and c[1000] == "far" and c.plain == 3 and c[3] == 1)
local big = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
  31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, three() }
assert(#big == 59 and big[57] == 1 and big[59] == 3)

-- metatables
local log = {}
local proxy = setmetatable({}, { __newindex = function(_, key, v) log[#log + 1] = key .. "=" .. v end, __index = function(_, key) return key .. "?" end })
local key = "dynamic"
proxy.fixed = 1
proxy[key] = 2
assert(table.concat(log, " ") == "fixed=1 dynamic=2" and proxy.x == "x?" and rawget(proxy, "x") == nil)
local base = {}
local through = setmetatable({}, { __newindex = base })
through[key] = 5
assert(base.dynamic == 5 and rawget(through, key) == nil)
assert(getmetatable(setmetatable({}, { __metatable = "locked" })) == "locked")
assert(not pcall(setmetatable, setmetatable({}, { __metatable = 1 }), {}))
assert(#setmetatable({}, { __len = function() return 7 end }) == 7)

-- a parameter that is set from a call in brackets
local function g(v) return v .. "!" end
local function f(v) v = (g(v)) return v end
local function h(v) local w v, w = g(v), 2 return v, w end
assert(f("x") == "x!" and h("x") == "x!" and select(2, h("x")) == 2)
