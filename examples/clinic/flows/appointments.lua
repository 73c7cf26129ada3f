-- The appointments of the clinic's database: every time a doctor has is a row, and who comes then is in it. Functions
-- give nil and why if the database does not answer.
local appointments = {}

-- now is this minute as PostgreSQL reads it: by the call's clock, which transcripts set.
local function now() return time.format("%Y-%m-%dT%H:%MZ", time.now().epoch, "UTC") end

-- next_of is the next one of a patient, nil if there is none.
function appointments.next_of(patient)
  return db.one("select id, doctor, starts, confirmed from appointments where patient = ? and starts > ? order by starts limit 1",
    patient.id, now())
end

-- free is a list of the next times that nobody has, those after one of them if that is given.
function appointments.free(count, after)
  return db.query("select id, doctor, starts from appointments where patient is null and (starts, id) > (?, ?) order by starts, id limit ?",
    after and after.starts or now(), after and after.id or 0, count)
end

-- confirm notes that the patient comes, cancel frees the time for others. Both give how many that were: 0 if the
-- reception has given the time to somebody else meanwhile.
function appointments.confirm(appointment, patient)
  return db.exec("update appointments set confirmed = true where id = ? and patient = ?", appointment.id, patient.id)
end

function appointments.cancel(appointment, patient)
  return db.exec("update appointments set patient = null, confirmed = false where id = ? and patient = ?", appointment.id, patient.id)
end

-- book gives a time to a patient, and frees the one that they had, if any: both or nothing. why is "taken" if somebody
-- else was faster. The condition of the update decides that; what the caller heard may be minutes old.
function appointments.book(slot, patient, instead_of)
  return db.tx(function(tx)
    local took = tx:exec("update appointments set patient = ?, confirmed = true where id = ? and patient is null", patient.id, slot.id)
    if took == 0 then return false, "taken" end
    if instead_of then
      tx:exec("update appointments set patient = null, confirmed = false where id = ? and patient = ?", instead_of.id, patient.id)
    end
  end)
end

return appointments
