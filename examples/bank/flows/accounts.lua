-- What the database knows of an account. Money is kept in whole cents there. Each function gives nil and the reason if
-- the database does not answer.
local accounts = {}

-- find gives the account of a number, and nil if there is none.
function accounts.find(number)
  return db.one("select number, pin, adviser from accounts where number = ?", number, { timeout = 2 })
end

-- balance is in units of the currency.
function accounts.balance(number)
  local cents, why = db.value("select balance from accounts where number = ?", number, { timeout = 2 })
  if not cents then return nil, why or "the account is gone" end
  return cents / 100
end

-- latest are the last three transactions, newest first, each a table with day and amount; what was paid is below zero.
function accounts.latest(number)
  local rows, why = db.query("select day, amount from transactions where account = ? order by day desc, id desc limit 3",
    number, { timeout = 2 })
  if not rows then return nil, why end
  for _, row in ipairs(rows) do row.amount = row.amount / 100 end
  return rows
end

return accounts
