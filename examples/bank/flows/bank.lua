-- A bank's line: callers say who they are with the number of their account and a PIN, hear their balance and their last
-- transactions, or talk to somebody who knows by then who is calling and what for.
local accounts = require "accounts"
local pins = require "pins"

-- agent has the caller talk to somebody: the adviser of whoever has one and has shown a PIN, else the queue. The
-- variables stay with the call, for the agent's screen. It does not come back.
local function agent(reason, number, account)
  call:set("BANK_ACCOUNT", number or "")
  call:set("BANK_VERIFIED", account and "yes" or "no")
  call:set("BANK_REASON", reason)
  call:play("one-moment")
  if account and account.adviser then
    local talk, why = call:dial(account.adviser, {
      timeout = 20, music = "default", confirm = "1", wait = 8,
      announce = { "customer-of-account", say.digits(number), "press-1-to-take-it" },
    })
    if talk then return call:hangup() end
    log.info("the adviser did not take the call:", why)
    call:play("adviser-is-busy")
  end
  return call:continue { context = "agents", exten = "s" }
end

-- identify asks for account and PIN until they are right. What was wrong of the two is not said.
local function identify()
  local number
  for _ = 1, 3 do
    number = call:ask {
      prompt = "enter-account", digits = 6, cancel = "*", wait = 8, between = 4,
      no_input = "please-type", invalid = "account-has-six",
    }
    if not number then return agent("no account") end
    local pin = call:ask {
      prompt = "enter-pin", digits = 4, cancel = "*", wait = 8, between = 4, secret = true,
      no_input = "please-type", invalid = "pin-has-four",
    }
    if not pin then return agent("no PIN", number) end

    local account, problem = accounts.find(number)
    if problem then
      log.error("no account:", problem)
      call:play("system-down")
      return agent("system", number)
    end
    local right, why = pins.try(number, pin, account and account.pin)
    if right then return account end
    if why == "system" then
      call:play("system-down")
      return agent("system", number)
    end
    if why == "locked" then
      call:emit("AccountLocked", { account = number, caller = call.caller.number })
      call:play("account-locked")
      return agent("locked", number)
    end
    call:play("account-or-pin-wrong")
  end
  return agent("wrong PIN", number)
end

local function balance(number)
  local amount, why = accounts.balance(number)
  if not amount then
    log.error("no balance:", why)
    return call:play("system-down")
  end
  call:play({ amount < 0 and "you-owe-us" or "your-balance-is", say.money(math.abs(amount), "BRL") }, { barge = true })
end

local function latest(number)
  local rows, why = accounts.latest(number)
  if not rows then
    log.error("no transactions:", why)
    return call:play("system-down")
  end
  if #rows == 0 then return call:play("no-transactions") end
  for _, row in ipairs(rows) do
    call:play({ say.date(row.day, { form = "short" }), row.amount < 0 and "you-paid" or "you-received",
      say.money(math.abs(row.amount), "BRL") }, { barge = true })
  end
end

call:answer()
call:play("welcome")
local account = identify()
local number = account.number
local last = "menu"               -- what the caller did last, for the agent
call:menu {
  prompt = "main-menu", loop = true, cancel = "*", no_input = "please-type", invalid = "no-such-choice",
  choices = {
    ["1"] = function() last = "balance"; balance(number) end,
    ["2"] = function() last = "transactions"; latest(number) end,
    ["9"] = { back = true },
    ["0"] = function() agent(last, number, account) end,
  },
}
call:play("goodbye")
call:hangup()
