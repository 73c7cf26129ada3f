---@meta

---A recording's name, or what say.number and the like return.
---@alias ivrd.prompt string|userdata

---Keys of a phone: 0-9, *, # and A-D.
---@alias ivrd.digits string

---Digits, or a pattern as in extensions.conf, such as "3XX".
---@alias ivrd.pattern string

---A flow's name: its file below the flows folder, without .lua.
---@alias ivrd.flow string

---Why to hang up: a name such as "busy", or a Q.850 number.
---@alias ivrd.cause string|integer

---A place in the dialplan: "context,exten,priority" as in Goto, or a table of these.
---@alias ivrd.location string|{ context?: string, exten?: string, priority?: string }

---The call this flow runs for. Its functions are called with a colon; each ends the flow if the caller has hung up.
---@class ivrd.call
---@field caller { number: string, name: string } Who calls: `call.caller.number` and `call.caller.name`, each "" if withheld or unknown.
---@field dialed string The number the caller dialed, as the trunk gave it; "" if unknown.
---@field exten string The extension in the dialplan that led here.
---@field context string The dialplan context that led here.
---@field id string Asterisk's unique id of the channel, the same as in its CDR and logs.
---@field args table<string|integer, string> The arguments of the call: `call.args.queue` for agi://host/flow?queue=gold or an argument of the route, `call.args[1]` for the first argument of AGI(url,first).
---@field backend string How the call came in: "agi", "ari" or "sim".
---@field flow string The name of the flow that runs.
---@field version string The version of the flow that runs: a hash of its files.
call = {}

---Picks up. A call that is answered already stays so.
function call:answer() end

---Plays a prompt, or several in order. Digits pressed meanwhile count for the next ask or menu. A prompt that Asterisk does not have is an error.
---@param prompt ivrd.prompt|ivrd.prompt[] What to play: a name, a list of names, or what say.number and the like return.
---@param options? { stop?: ivrd.digits, barge?: boolean } How to play it.
---@return string? digit The digit of stop that stopped it; nil if it played to its end.
function call:play(prompt, options) end

---Lets time pass in silence. Digits pressed meanwhile count for the next ask or menu.
---@param seconds number How long, such as 1.5.
function call:wait(seconds) end

---Hangs up and ends the flow; only its on_end functions still run. Before an answer, the cause decides what the caller hears.
---@param cause? ivrd.cause Why: a name such as "busy", "congestion", "rejected", or the number of a Q.850 cause.
function call:hangup(cause) end

---Gives the call back to the dialplan and ends the flow; only its on_end functions still run.
---@param to? ivrd.location Where: "context,exten,priority" as in Goto, or a table of these. Nothing means the priority after the one that called ivrd.
function call:continue(to) end

---Runs another flow for this call and comes back when it has run off its end. It has globals of its own; if it ends the call, this flow ends too.
---@param flow ivrd.flow The flow to run.
function call:run(flow) end

---Has a function run when this flow is over, however it ended. It cannot reach the caller any more. All such functions together have a few seconds (limits.end_time).
---@param fn function Called with why the flow ended: completed, continued, hangup, error, limit or drain.
function call:on_end(fn) end

---Reads a channel variable or a dialplan function. It is nil if unset or empty.
---@param name string A variable's name, or a dialplan function such as "CHANNEL(language)".
---@return string?  
function call:get(name) end

---Sets a channel variable or writes a dialplan function.
---@param name string A variable's name, or a dialplan function such as "CDR(userfield)".
---@param value string The value. "" makes it empty.
function call:set(name, value) end

---Chooses the language of all later prompts, and says which one is chosen.
---@param code? string Asterisk's code of a language, such as "en" or "pt_BR".
---@return string  
function call:language(code) end

---Runs any dialplan application and waits for its end. Many applications leave their result in a channel variable.
---@param app string A dialplan application, such as "Queue".
---@param ... any Its arguments; what the dialplan puts between commas.
---@return string  
function call:exec(app, ...) end

---Sends any AGI command. It works on the agi backend only.
---@param command string An AGI command, such as "DATABASE GET".
---@param ... any Its arguments, one by one; ivrd quotes them.
---@return string result The reply's result, such as "1".
---@return string text What stands in parentheses behind it, "" if nothing does.
function call:agi(command, ...) end

---Asks for digits until they are valid, cancelled, or the attempts are used up. A digit pressed during the question interrupts it and counts. Silence and invalid entries are counted apart, each with prompts of its own.
---@param options { prompt?: ivrd.prompt|ivrd.prompt[], min?: integer, max?: integer, stop?: ivrd.digits, cancel?: ivrd.digits, wait?: number, between?: number, tries?: integer, no_input?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], invalid?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], hold?: boolean, flush?: boolean, secret?: boolean, check?: function } What to ask and how.
---@return string? digits What was entered; nil if nothing valid was.
---@return string? why If digits is nil: no_input, invalid or cancel.
function call:ask(options) end

---Offers choices and does what belongs to the one the caller picks.
---@param options { prompt?: ivrd.prompt|ivrd.prompt[], choices: table<ivrd.pattern, ivrd.flow|{ continue: ivrd.location }|fun(digits: string)>, match?: "longest"|"first"|"timer", wait?: number, between?: number, tries?: integer, stop?: ivrd.digits, no_input?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], invalid?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], hold?: boolean, flush?: boolean } What to offer and how.
---@return string? choice What was pressed, after its function or flow has run; nil if there was no choice.
---@return string? why If choice is nil: no_input or invalid.
function call:menu(options) end

---Records the caller. A hangup ends the flow, as everywhere; what was recorded until then is kept.
---@param options { name: string, format?: string, stop?: ivrd.digits, max?: number, silence?: number, beep?: boolean } What to record and when to stop.
---@return { name: string, duration: integer, why: string, digit: string? }  
function call:record(options) end

---A pause between prompts.
---@param seconds number How long, such as 0.5.
---@return ivrd.prompt|ivrd.prompt[]  
function silence(seconds) end

---A tone.
---@param tone string A tone of the country's indications (dial, busy, ring, congestion), or frequencies as in indications.conf, such as "425/500,0/500".
---@param seconds? number How long.
---@return ivrd.prompt|ivrd.prompt[]  
function tone(tone, seconds) end

---Values as prompts, in the call's language.
---@class ivrd.say
say = {}

---Digits one by one: "12" is "one two".
---@param digits string Digits, * and #. A string, so that zeros in front stay.
---@return ivrd.prompt|ivrd.prompt[]  
function say.digits(digits) end

---A whole number: 12 is "twelve".
---@param number integer A whole number.
---@return ivrd.prompt|ivrd.prompt[]  
function say.number(number) end

---A text spelled: "ab1" is "a b one".
---@param text string Letters, digits and punctuation.
---@return ivrd.prompt|ivrd.prompt[]  
function say.characters(text) end

---Lines in ivrd's log, each with the call's id, its flow and the line that wrote it. They are in the call's journal too.
---@class ivrd.log
log = {}

---For the one who builds the flow.
---@param ... any What to write, joined by blanks.
function log.debug(...) end

---What happened.
---@param ... any What to write, joined by blanks.
function log.info(...) end

---What somebody should look at.
---@param ... any What to write, joined by blanks.
function log.warn(...) end

---What went wrong.
---@param ... any What to write, joined by blanks.
function log.error(...) end

---JSON. A null is `json.null`, so that it can be told from a key that is missing. A whole number too large for Lua to hold exactly becomes a string.
---@class ivrd.json
---@field null userdata JSON's null.
json = {}

---Reads JSON. Text that is none gives nil and the reason.
---@param text string JSON.
---@return any value The value; nil and the reason if the text is not JSON.
function json.decode(text) end

---Writes JSON, with keys in order.
---@param value any Any value without functions. A table with items 1 to n is an array, an empty one an object.
---@return string  
function json.encode(value) end

---Dates and times in any zone. Moments are seconds since 1970, as os.time has them.
---@class ivrd.time
time = {}

---What time it is.
---@param zone? string A zone's name, such as "America/Sao_Paulo" or "UTC". Nothing means that of the machine.
---@return { epoch: integer, year: integer, month: integer, day: integer, hour: integer, minute: integer, second: integer, weekday: string, yearday: integer, zone: string, offset: integer }  
function time.now(zone) end

---A moment's date and time of day.
---@param epoch integer Seconds since 1970.
---@param zone? string A zone's name. Nothing means that of the machine.
---@return { epoch: integer, year: integer, month: integer, day: integer, hour: integer, minute: integer, second: integer, weekday: string, yearday: integer, zone: string, offset: integer }  
function time.at(epoch, zone) end

---A moment as text.
---@param format string Text with letters behind %, as os.date has them: "%Y-%m-%d %H:%M".
---@param epoch integer Seconds since 1970.
---@param zone? string A zone's name. Nothing means that of the machine.
---@return string  
function time.format(format, epoch, zone) end

---Reads a date as ISO 8601 writes it. A text that is none gives nil and the reason.
---@param text string A date, with or without a time of day: "2026-11-22", "2026-11-22 10:30", "2026-11-22T10:30:00Z".
---@param zone? string The zone of a text that names none. Nothing means that of the machine.
---@return integer epoch Seconds since 1970; nil and the reason if the text is no date.
function time.parse(text, zone) end
