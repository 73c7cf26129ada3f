local request
call:on_end(function(why)
  local _, reason = request:wait()
  local response = http.post("https://core.example/log", { json = { why = why, reason = reason } })
  call:set("WHY", why .. " " .. response.status)
end)
call:answer()
request = http.start { url = "https://core.example/slow" }
call:play("welcome")
