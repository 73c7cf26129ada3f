-- What a database gives: rows, one of them, nothing, a value, a failure, and a transaction.
call:answer()
local number = call.caller.number
local person, why = db.one("select name, vip from people where number = ?", number)
if not person then
  call:play(why and "system-down" or "not-a-customer")
  return call:hangup()
end
call:set("NAME", person.name)
local orders = db.query([[
    select id
    from orders
    where caller = ? and open = ?]], number, true)
for _, order in ipairs(orders) do
  call:play { "order", say.digits(order.id) }
end
local balance = db.open("crm"):value("select balance from accounts where number = ?", number)
if person.vip == nil and balance then call:play { "your-balance-is", say.number(balance) } end
local done = db.tx(function(tx)
  tx:exec("update people set calls = calls + 1 where number = ?", number)
end)
call:play(done and "thank-you" or "try-again")
call:hangup()
