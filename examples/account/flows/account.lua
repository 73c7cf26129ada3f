-- A savings bank's line in Brazil, in Portuguese and in English: who is calling, by CPF or CNPJ; the balance and the
-- next bill; a payment of so much on such a day; and a number to be called back at.
local accounts = require "accounts"
local document = require "brazil.document"

local function operator()
  call:play("one-moment")
  return call:continue { context = "operators", exten = "s" }
end

-- identify finds out who is calling. An app that lets its user call the bank hands over who that is; on the keys
-- there are no letters, so that a company whose CNPJ has some is sent to a person.
local function identify()
  local known = accounts.of(call:get("DOCUMENT"))
  if known then return known end
  local number = call:ask {
    cancel = "*", wait = 8, between = 4, no_input = "please-type", failed = "no-luck",
    prompt  = { "enter-document", "letters-in-cnpj" }, again = "document-again",
    pattern = { "XXXXXXXXXXX", "XXXXXXXXXXXXXX" }, match = "timer", stop = "#",
    invalid = "document-length",
    check   = {
      { check = document.valid, invalid = { "document-wrong", "check-each-digit" } },
      { check = accounts.of, invalid = "document-unknown" },
    },
    confirm = function(digits) return { "you-entered", document.say(digits), "correct-1-else-2" } end,
  }
  return number and accounts.of(number)
end

local function balance(account)
  call:play({ "your-balance-is", say.money(account.balance, "BRL") }, { barge = true })
  call:play({ "your-bill-of", say.money(account.bill.amount, "BRL"), "is-due-on", say.date(account.bill.due, { form = "short" }) },
    { barge = true })
end

-- day_in is the day so many days from now, where the bank is.
local function day_in(days)
  return time.format("%Y-%m-%d", time.now().epoch + days * 86400, "America/Sao_Paulo")
end

-- pay has an amount paid on a day. Nobody looks for a point on a phone: the last two digits are the centavos.
local function pay(account)
  local amount = call:ask_money {
    cancel = "*", wait = 8, between = 4, no_input = "please-type", failed = "no-luck",
    prompt  = "enter-amount", point = "", invalid = "amount-wrong",
    check   = {
      { check = function(reais) return reais >= 1 end, invalid = "amount-too-small" },
      { check = function(reais) return reais <= account.balance end, invalid = { "amount-too-large", say.money(account.balance, "BRL") } },
    },
    confirm = function(reais) return { "you-entered", say.money(reais, "BRL"), "correct-1-else-2" } end,
  }
  if not amount then return end

  local today, last = day_in(0), day_in(90)
  local day = call:ask_date {
    cancel = "*", wait = 8, between = 4, no_input = "please-type", failed = "no-luck",
    prompt  = "enter-day", format = "DDMMYYYY", invalid = "day-wrong",
    check   = {
      { check = function(date) return date >= today end, invalid = "day-past" },
      { check = function(date) return date <= last end, invalid = { "day-too-late", say.date(last, { form = "date" }) } },
    },
    confirm = function(date) return { "you-entered", say.date(date), "correct-1-else-2" } end,
  }
  if not day then return end
  call:emit("Payment", { account = account.document, amount = string.format("%.2f", amount), day = day })
  call:play("payment-noted")
end

-- callback takes a number of Brazil: its area (DDD), and behind it nine digits that begin with 9, or eight that begin
-- with 2 to 5. The patterns know after the third digit how many there are, so that nobody has to press a key behind
-- the last one; which areas there are, phone.parse knows.
local function callback(account)
  local function exists(digits)
    local number = phone.parse(digits, "BR")
    return number and number.valid, "no such number in Brazil"
  end
  local number = call:ask {
    cancel = "*", wait = 8, between = 4, no_input = "please-type", failed = "no-luck",
    prompt  = "enter-phone", pattern = { "[1-9][1-9]9XXXXXXXX", "[1-9][1-9][2-5]XXXXXXX" }, invalid = "phone-wrong",
    check   = { { check = exists, invalid = "area-unknown" } },
    confirm = function(digits) return { "you-entered", say.phone(digits, { region = "BR" }), "correct-1-else-2" } end,
  }
  if not number then return end
  call:emit("CallBack", { account = account.document, number = phone.parse(number, "BR").e164 })
  call:play("we-call-you-back")
end

call:answer()
call:language("pt_BR")
call:menu {
  prompt = { "portuguese-1", "english-2" }, tries = 1, wait = 3,
  choices = { ["1"] = { play = {} }, ["2"] = function() call:language("en") end },
}

local account = identify()
if not account then return operator() end
call:menu {
  prompt = "main-menu", loop = true, cancel = "*", no_input = "please-type", invalid = "no-such-choice",
  choices = {
    ["1"] = function() balance(account) end,
    ["2"] = function() pay(account) end,
    ["3"] = function() callback(account) end,
    ["9"] = { back = true },
    ["0"] = { continue = "operators,s,1" },
  },
}
call:play("goodbye")
call:hangup()
