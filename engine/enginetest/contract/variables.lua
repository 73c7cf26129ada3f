call:answer()
local values = {
  "plain", "two words", "  blanks around  ", 'quotes " and \\ backslash', "comma, semicolon; pipe|", "${EXTEN} $[1+1]",
  "Grüße, São Paulo", "%41 + =", ("long "):rep(400),
  "two\r\nlines, (one) \"more\" +$&:@=%41\\",
}
for i, value in ipairs(values) do
  call:set("V" .. i, value)
  local back = call:get("V" .. i)
  if back ~= value then error(("V%d came back as %q"):format(i, tostring(back))) end
end
call:set("V1", "")
assert(call:get("V1") == nil)
assert(call:get("NEVER_SET") == nil)
