assert(("hello"):find("l") == 3 and ("hello"):find("xyz") == nil and ("a.b"):find(".", 1, true) == 2)
assert(select(2, ("hello"):find("l+")) == 4 and ("hello"):find("", 10) == nil and ("hello"):find("", 6) == 6)
assert(("key = value"):match("^(%w+)%s*=%s*(%w+)$") == "key")
assert(select(2, ("key = value"):match("^(%w+)%s*=%s*(%w+)$")) == "value")
assert(("hello"):match("()ll()") == 3 and select(2, ("hello"):match("()ll()")) == 5)
assert(("THE (quick) fox"):find("%((%a+)%)") == 5 and ("f(a(b)c)d"):match("%b()") == "(a(b)c)")
assert(("THE (quick) fox"):gsub("%f[%a]%a+", "x") == "x (x) x")
assert(("abc=abc"):match("(%w+)=%1") == "abc" and ("[]]"):match("[]]+") == "]]" and ("a-b"):match("[a%-]+") == "a-")
assert(("0123"):match("^%d+$") == "0123" and ("x1"):match("^%d+$") == nil and ("é"):len() == 2)
assert(("aXbX"):gsub("X", { X = "-" }) == "a-b-" and ("abc"):gsub("%w", "%0%0") == "aabbcc")
assert(("abc"):gsub("", "-") == "-a-b-c-" and ("hello world"):gsub("o", "0", 1) == "hell0 world")
assert(("hello"):gsub("l", function(c) return nil end) == "hello" and select(2, ("hello"):gsub("l", "")) == 2)
assert(("a b"):gsub("(%w) (%w)", "%2 %1") == "b a" and ("100%"):gsub("%%", "%%%%") == "100%%" and ("^x"):gsub("%^", "") == "x")
assert(("xx"):gsub("^x", "y") == "yx" and ("  trim "):match("^%s*(.-)%s*$") == "trim")
assert(not pcall(string.gsub, "x", "(", "") and not pcall(string.find, "x", "[") and not pcall(string.find, "x", "%"))
assert(not pcall(string.gsub, "x", "x", "%2") and not pcall(string.gsub, "x", "x", "%") and not pcall(string.gsub, "x", "x"))
assert(not pcall(string.gsub, "x", "x", function() return {} end))
local words = {}
for w in ("one two  three"):gmatch("%a+") do words[#words + 1] = w end
assert(table.concat(words, ",") == "one,two,three")
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do words[k] = v end
assert(words.a == "1" and words.b == "2")
local n = 0
for _ in ("abc"):gmatch("") do n = n + 1 end
assert(n == 4)

assert(("x"):rep(3) == "xxx" and ("x"):rep(0) == "" and ("x"):rep(-1) == "" and ("ab"):rep(3, ",") == "ab,ab,ab")
assert(("hello"):sub(2, 3) == "el" and ("hello"):sub(-3) == "llo" and ("hello"):sub(0) == "hello" and ("hello"):sub(4, 2) == "")
assert(("hello"):sub(-100, 2) == "he" and ("hello"):sub(2, -2) == "ell" and ("hello"):sub(6) == "")
assert(("a"):byte() == 97 and select("#", ("abc"):byte(1, -1)) == 3 and ("abc"):byte(10) == nil and ("abc"):byte(-1) == 99)
assert(string.char(72, 105) == "Hi" and string.char() == "" and not pcall(string.char, 256))
assert(("abc"):reverse() == "cba" and ("Não"):upper() == "NÃO" and ("\255A"):lower() == "\255a" and ("É"):lower() == "é")
assert(#"abc" == 3 and ("abc"):len() == 3)

local f = string.format
assert(f("%d %5d|%-5d|%05d %+d", 1, 2, 3, 4, 5) == "1     2|3    |00004 +5")
assert(f("%d", "12") == "12" and f("%d", "010") == "10" and not pcall(f, "%d", 1.5) and not pcall(f, "%d", "x"))
assert(f("%.2f %5.1f %g %g %e", 1.005, 2.25, 0.1, 1e20, 12345.678) == "1.00   2.2 0.1 1e+20 1.234568e+04")
assert(f("%g %g", 1000000, 100000) == "1e+06 100000")
assert(f("%s %10s|%-10s|%.2s", "a", "b", "c", "defg") == "a          b|c         |de")
assert(f("%s %s %s", nil, true, 1.5) == "nil true 1.5" and f("%%") == "%" and f("%x %X %o %c", 255, 255, 8, 65) == "ff FF 10 A")
assert(f("%q", 'a "b"\n\\') == '"a \\"b\\"\\\n\\\\"' and f("%s", setmetatable({}, { __tostring = function() return "t" end })) == "t")
assert(f("%f", 1/0) == "inf" and f("%5.1f|", -1/0) == " -inf|" and f("%i", 3) == "3" and f("%5s", "é") == "   é")
assert(not pcall(f, "%d") and not pcall(f, "%y", 1) and not pcall(f, "%") and not pcall(f, "%123d", 1))

-- concatenation
assert("a" .. 1 .. 2.5 .. "b" == "a12.5b" and 1 .. 2 == "12")
local mt = { __concat = function(a, b) return (type(a) == "table" and "T" or a) .. "+" .. (type(b) == "table" and "T" or b) end }
local t = setmetatable({}, mt)
assert(t .. "x" == "T+x" and "x" .. t == "x+T" and "a" .. "b" .. t == "ab+T")
local function two() return "1", "2" end
local function join(x) x = x .. two() .. "!" return x end
assert(join("0") == "01!" and "" .. two() == "1")
local function param(a, b) a, b = (a .. "1"), b .. "2" return a .. b end
assert(param("x", "y") == "x1y2")
local long = ""
for i = 1, 100 do long = long .. i end
assert(#long == 192)
assert(1 .. 2 .. 3 .. 4 .. 5 .. 6 .. 7 .. 8 .. 9 .. 0 .. 1 .. 2 .. 3 .. 4 .. 5 .. 6 .. 7 .. 8 .. 9 .. 0 .. 1 .. 2 .. 3 .. 4 .. 5 .. 6 .. 7 .. 8 .. 9 .. 0
  .. 1 .. 2 .. 3 .. 4 .. 5 .. 6 .. 7 .. 8 .. 9 .. 0 .. 1 .. 2 .. 3 .. 4 .. 5 == "123456789012345678901234567890123456789012345")
