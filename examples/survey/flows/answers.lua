-- Where the answers are: one row for each caller and day in the database, sums for everybody in kv.shared.
local questions = require "questions"

local answers = {}

-- given says whether the caller has answered on that day; nil and why if the database does not say.
function answers.given(caller, day)
  local count, why = db.value("select count(*) from answers where caller = ? and day = ?", caller, day)
  if not count then return nil, why end
  return count > 0
end

-- count adds ratings to the sums that all flows see.
local function count(ratings)
  kv.shared.incr("survey:callers")
  for _, question in ipairs(questions) do
    if ratings[question] then
      kv.shared.incr("survey:" .. question .. ":ratings")
      kv.shared.incr("survey:" .. question .. ":points", ratings[question])
    end
  end
end

-- save keeps what a caller has said and counts it: true, or false if that caller has another answer of that day, which
-- is the one that counts. nil and why if it could not be kept.
function answers.save(answer)
  local ratings = answer.ratings
  local added, why = db.exec("insert into answers (caller, day, language, service, waiting, solution, comment) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
    answer.caller, answer.day, answer.language, ratings.service, ratings.waiting, ratings.solution, answer.comment)
  if not added then return nil, why end
  if added > 0 then count(ratings) end
  return added > 0
end

-- callers is how many have answered so far, and average the mean of a question: nil if nobody has rated it.
function answers.callers() return kv.shared.get("survey:callers") or 0 end

function answers.average(question)
  local ratings = kv.shared.get("survey:" .. question .. ":ratings")
  local points = kv.shared.get("survey:" .. question .. ":points")
  return ratings and points and points / ratings
end

return answers
