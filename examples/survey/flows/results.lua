-- What callers have said so far, for whoever calls from inside: how many there were, and the mean of each question.
local answers = require "answers"
local questions = require "questions"

call:answer()
call:play { "callers-so-far", say.number(answers.callers()) }
for _, question in ipairs(questions) do
  local mean = answers.average(question)
  call:play { "results-" .. question, mean and say.number(string.format("%.1f", mean)) or "not-rated" }
end
call:hangup()
