-- pcall, error, assert, tostring and the others
assert(type(nil) == "nil" and type({}) == "table")
local ok, err = pcall(error, "x")
assert(not ok and err == "x", err)
ok, err = pcall(function() error("x") end)
assert(err == "base.lua:5: x", err)
local function thrower() error("who", 2) end
ok, err = pcall(function()
  thrower()
end)
assert(err == "base.lua:9: who", err)
ok, err = pcall(error, { code = 42 })
assert(err.code == 42)
assert(select("#", pcall(function() return 1, nil, nil end)) == 4)
ok, err = pcall(assert, false, "why")
assert(err == "why")
ok, err = pcall(assert, nil, { 1 })
assert(err[1] == 1)
assert(select(2, assert(1, 2, 3)) == 2)

local trace
ok, err = xpcall(function() local t = nil; return t.x end, function(e) trace = debug.traceback(e); return "handled: " .. e end)
assert(not ok and err:find("handled: base.lua:22:", 1, true), err)
assert(trace:find("base.lua:22", 1, true), trace)
assert(select(2, xpcall(function() return "fine" end, print)) == "fine")
ok, err = xpcall(function() error("a") end, function() error("b") end)
assert(not ok)

assert(tostring(1) == "1" and tostring(1.5) == "1.5" and tostring(-0.25) == "-0.25")
assert(tostring(1e15) == "1000000000000000" and tostring(2^53) == "9007199254740992")
assert(tostring(0.1 + 0.2) == "0.3" and 0.1 .. "" == "0.1")
assert(tostring(1/0) == "inf" and tostring(-1/0) == "-inf" and tostring(math.huge) == "inf")
assert(tostring(nil) == "nil" and tostring(true) == "true")
assert(tostring(setmetatable({}, { __tostring = function() return "me" end })) == "me")
assert(not pcall(tostring, setmetatable({}, { __tostring = function() return {} end })))

assert(tonumber("1e3") == 1000 and tonumber("0x10") == 16 and tonumber(" 10 ") == 10)
assert(tonumber("010") == 10 and tonumber("-3") == -3 and tonumber("1.") == 1 and tonumber(".5") == 0.5)
for _, s in ipairs { "", " ", "0x", "1_0", "nan", "inf", "1e", "abc", "1 2", "--1", "0x1p4", "1e+", "infinity" } do
  assert(tonumber(s) == nil, s)
end
assert(tonumber("ff", 16) == 255 and tonumber("zz", 36) == 1295 and tonumber("8", 8) == nil and tonumber("-11", 2) == -3)
assert(tonumber(nil) == nil and tonumber({}) == nil and tonumber(7) == 7)
assert("010" + 1 == 11 and "0123" * 1 == 123 and -"5" == -5 and 10 - "3" == 7 and "0x10" + 0 == 16 and 010 == 10)
assert(not pcall(function() return "abc" + 1 end))
assert("2" * setmetatable({}, { __mul = function(a, b) return a .. "!" end }) == "2!")

local t = {}
for i, v in ipairs { 1, 2, nil, 4 } do t[i] = v end
assert(#t == 2)
local keys = {}
for k in pairs { a = 1, b = 2, 3 } do keys[#keys + 1] = tostring(k) end
table.sort(keys)
assert(table.concat(keys, " ") == "1 a b")
assert(next({}) == nil and next { 5 } == 1)
assert(select(-1, 1, 2, 3) == 3 and select(2, "a", "b", "c") == "b" and select("#") == 0)
assert(not pcall(select, 0) and not pcall(select, -5, 1))
assert(select("#", unpack({ 1, nil, 3 }, 1, 3)) == 3 and select("#", unpack {}) == 0)
assert(rawequal(t, t) and not rawequal({}, {}) and rawget(setmetatable({}, { __index = { x = 1 } }), "x") == nil)
local raw = setmetatable({}, { __newindex = function() error("never") end })
assert(rawset(raw, "k", 1) == raw and raw.k == 1)
assert(_VERSION == "Lua 5.1")
assert(_G._G == _G and _G.string == string)

-- what is not there says so
for _, f in ipairs { "load", "loadstring", "dofile", "loadfile", "setfenv", "getfenv", "collectgarbage", "newproxy", "module" } do
  local ok, err = pcall(_G[f], "x")
  assert(not ok and err:find("not available in flows"), f)
end
ok, err = pcall(os.exit)
assert(not ok and err:find("os.exit is not available in flows; use call:hangup()", 1, true), err)
assert(not pcall(io.open, "/etc/passwd") and not pcall(function() return package.path.x end))

-- pairs shows the whole of a library that was hardly used, and nothing that only explains its absence
local found = {}
for k in pairs(string) do found[k] = true end
assert(found.gsub and found.rep and found.format and not found.dump)
found = {}
for k in pairs(os) do found[k] = true end
assert(found.time and not found.exit)
found = {}
for k, v in pairs(_G) do assert(k:byte() ~= 0); found[k] = v end
assert(found.string == string and found.pcall == pcall and not found.dofile)
