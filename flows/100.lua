-- Extension 100: takes a number, reads it back, and asks whether it is right.
-- Try it without a phone: ivrd call 100

call:answer()
call:play("hello-world")

local confirmed = false

for _ = 1, 3 do
  local number = call:ask {
    prompt   = "vm-enter-num-to-call",
    min = 3, max = 8, stop = "#",
    no_input = "please-try-again",
    invalid  = "pbx-invalid",
  }
  if not number then break end

  call:menu {
    prompt  = { "you-entered", say.digits(number), "if-correct-press", say.digits("1") },
    choices = {
      ["1"] = function() confirmed = true end,
      ["2"] = function() call:play("please-try-again") end,
    },
    tries   = 2,
  }
  if confirmed then break end
end

if confirmed then
  call:play("auth-thankyou")
end
call:play("vm-goodbye")
call:hangup()
