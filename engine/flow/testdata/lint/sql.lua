-- Values in SQL.
local number = call.caller.number
local fields = "name, vip"
log.info(db.one("select " .. fields .. " from people where number = ?", number))
log.info(db.one("select name from people where number = '" .. number .. "'")) --> warning: SQL with values in it lets callers change the query; write ? where the value goes and give the value behind the SQL
log.info(db.query(string.format("select name from %s", number))) --> warning: SQL with values in it lets callers change the query; write ? where the value goes and give the value behind the SQL
log.info(db.query(("select name from %s"):format(number))) --> warning: SQL with values in it lets callers change the query; write ? where the value goes and give the value behind the SQL
local sql = "delete from people where number = " .. number
db.exec(sql) --> warning: SQL with values in it lets callers change the query; write ? where the value goes and give the value behind the SQL
db.exec(number, 1)
local crm = db.open("crm")
crm:exec("update people set vip = 1 where number = " .. number) --> warning: SQL with values in it lets callers change the query; write ? where the value goes and give the value behind the SQL
db.tx(function(tx)
  tx:exec(("update people set vip = 1 where number = %s"):format(number)) --> warning: SQL with values in it lets callers change the query; write ? where the value goes and give the value behind the SQL
  tx:exec("update people set vip = 1 where number = ?", number)
end)
local list = { query = function(_, text) return text end }
log.info(list:query("what is " .. number))
db.qery("select 1") --> db has no qery; did you mean query?
