-- Who is calling: the patients of the clinic's database.
local patients = {}

-- with_phone is a list of those who have a telephone number; nil and why if the database does not answer.
function patients.with_phone(number)
  return db.query("select id, language from patients where phone = ?", number)
end

-- born is who has that number and was born on that day, if somebody is; nil and why if the database does not answer.
function patients.born(number, date)
  return db.one("select id, language from patients where phone = ? and birth = ?", number, date)
end

return patients
