-- A survey of three questions, each rated from 1 to 5, and a comment for whoever has more to say. What a caller has
-- answered counts, also if they hang up before the end; each caller counts once a day.
local answers = require "answers"
local questions = require "questions"

local number = call.caller.number
local answer = {
  caller = number ~= "" and number or nil, -- unknown numbers are not all the same caller
  day = time.format("%Y-%m-%d", time.now().epoch, "America/Sao_Paulo"),
  ratings = {},
}

-- keep saves the answer, once: when the call is over, whatever ended it. Who hangs up while recording has said a comment,
-- or nothing yet, which only shows if ivrd knows how long it is.
local function keep()
  local said = answer.comment and recordings.find(answer.comment)
  if not said or said.seconds and said.seconds < 1 then
    if said then recordings.delete(said.name) end
    answer.comment = nil
  end
  if not next(answer.ratings) and not answer.comment then return end
  local saved, why = answers.save(answer)
  if saved then return log.info("answer saved") end
  log.warn("answer not saved:", why or "the caller has answered meanwhile")
  if answer.comment then recordings.delete(answer.comment) end
end

local function choose_language()
  call:menu {
    prompt = { "portuguese-1", "english-2" }, tries = 1, wait = 3,
    choices = { ["1"] = { play = {} }, ["2"] = function() call:language("en") end },
  }
  answer.language = call:language()
end

-- rate asks one question. A caller who presses wrong keys is as good as one who skips it; gone is true if nobody
-- presses any, so that a handset beside the telephone is not asked everything.
local function rate(question)
  local digit, why = call:ask {
    prompt = { "question-" .. question, "from-1-to-5", "star-to-skip" }, again = { "from-1-to-5", "star-to-skip" },
    pattern = "[1-5]", cancel = "*", wait = 6, tries = 3, no_input_tries = 2,
    no_input = "please-type", invalid = "not-1-to-5", failed = "we-go-on",
  }
  answer.ratings[question] = tonumber(digit)
  return why == "no_input"
end

-- comment records what the caller says, who may hear it and say it again. It stays until somebody deletes it.
local function comment()
  if not call:ask_yes_no { prompt = "comment-1-else-2", tries = 2, no_input = "please-type", invalid = "no-such-choice" } then return end
  local name, key = "survey/comment-" .. call.id, nil
  for _ = 1, 3 do
    call:play("speak-after-tone")
    answer.comment = name -- also if the caller hangs up now
    local said = call:record { name = name, max = 60, silence = 4, beep = true, keep = true }
    answer.comment = said.duration >= 1 and name or nil
    if answer.comment then
      key = call:ask {
        prompt = { "you-said", recording(name), "keep-1-again-2-delete-3" }, again = "keep-1-again-2-delete-3",
        pattern = "[1-3]", tries = 2, no_input = "please-type", invalid = "no-such-choice",
      }
      if key ~= "2" then break end
    else
      call:play("nothing-heard")
    end
  end
  if answer.comment and key ~= "3" then return call:play("comment-kept") end
  recordings.delete(name)
  answer.comment = nil
end

call:answer()
call:language("pt_BR")
call:play("welcome")
choose_language()

if answer.caller then
  local given, why = answers.given(answer.caller, answer.day)
  if why then
    log.warn("no answer from the database:", why)
    call:play { "system-down", "goodbye" }
    return call:hangup()
  elseif given then
    call:play { "answered-today", "goodbye" }
    return call:hangup()
  end
end

call:on_end(keep)
call:play("three-questions")
local gone
for _, question in ipairs(questions) do
  gone = rate(question)
  if gone then break end
end
if not gone then comment() end
call:play { next(answer.ratings) and "thank-you" or "another-time", "goodbye" }
call:hangup()
