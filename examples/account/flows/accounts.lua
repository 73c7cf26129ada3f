-- Who has an account, by CPF or CNPJ. A bank would ask its database.
local document = require "brazil.document"

local all = {
  ["52998224725"]    = { balance = 1250.40, bill = { amount = 89.90, due = "2026-12-05" } },
  ["11222333000181"] = { balance = 21000, bill = { amount = 1001.01, due = "2026-12-01" } },
  ["12ABC34501DE35"] = { balance = 2, bill = { amount = 0.01, due = "2026-12-20" } },
}
for number, account in pairs(all) do account.document = number end

local accounts = {}

-- of is the account of a document, if there is one: nil and why if not.
function accounts.of(number)
  local account = number and all[document.plain(number)]
  if not account then return nil, "no account" end
  return account
end

return accounts
