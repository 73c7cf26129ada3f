call:answer()
call:on_end(function(why) call:set("WHY", why) end)
local response, why, text = http.get("https://core.example/accounts/" .. call.caller.number, {
  timeout = 4, retries = 1, filler = { after = 0.3, prompt = "one-moment" },
})
if response then
  call:play("your-balance-is")
  call:set("GOT", response.status .. " " .. response:json().balance .. " " .. response.headers["x-total"])
else
  call:set("GOT", why .. " " .. text)
end
