---@meta

---A recording's name, or what say.number and the like return. In a list, { "terms", hold = true } cannot be interrupted, and { "news", barge = "12" } by no other keys, which are forgotten then.
---@alias ivrd.prompt string|userdata

---Keys of a phone: 0-9, *, # and A-D.
---@alias ivrd.digits string

---Digits, or a pattern as in extensions.conf, such as "3XX".
---@alias ivrd.pattern string

---What a menu does for a choice; see call:menu.
---@alias ivrd.choice ivrd.flow|fun(digits: string): string?|{ play?: ivrd.prompt|ivrd.prompt[], menu?: table, back?: true, top?: true, again?: true, continue?: ivrd.location, extension?: string }

---A flow's name: its file below the flows folder, without .lua.
---@alias ivrd.flow string

---A recording's name: that of its file below Asterisk's folder for recordings, without extension. It may have folders in it, as in "messages/42".
---@alias ivrd.recording string

---A recording: its name, Asterisk's name of its format, its length, its size and when it was made, in seconds since 1970. What is not known is nil.
---@alias ivrd.stored { name: string, format?: string, seconds?: number, bytes?: integer, made?: integer }

---SQL with ? for each value. Values are never part of it.
---@alias ivrd.sql string

---Bytes: a string, or what db.blob returns.
---@alias ivrd.blob string|userdata

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
---@param options? { stop?: ivrd.digits, barge?: boolean, keys?: { forward?: ivrd.digits, rewind?: ivrd.digits, pause?: ivrd.digits, restart?: ivrd.digits }, skip?: number, from?: number } How to play it.
---@return string? digit The digit of stop that stopped it; nil if it played to its end.
---@return integer? at With keys or from: where in the recording it stopped, in seconds.
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

---Sends any AGI command.
---@param command string An AGI command, such as "DATABASE GET".
---@param ... any Its arguments, one by one; ivrd quotes them.
---@return string result The reply's result, such as "1".
---@return string text What stands in parentheses behind it, "" if nothing does.
function call:agi(command, ...) end

---Asks for digits until they are valid, cancelled, or the attempts are used up. A digit pressed during the question interrupts it and counts. Silence and invalid entries are counted apart, each with prompts of its own.
---@param options { prompt?: ivrd.prompt|ivrd.prompt[], again?: ivrd.prompt|ivrd.prompt[], stop?: ivrd.digits, cancel?: ivrd.digits, wait?: number, between?: number, tries?: integer, no_input_tries?: integer, invalid_tries?: integer, no_input?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], invalid?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], failed?: ivrd.prompt|ivrd.prompt[], hold?: boolean, flush?: boolean, min?: integer, max?: integer, digits?: integer, term?: number, stop_required?: boolean, pattern?: ivrd.pattern|ivrd.pattern[], match?: "longest"|"first"|"timer", check?: fun(entry: any): boolean?, string?|(function|{ check?: function, pattern?: ivrd.pattern|ivrd.pattern[], invalid?: ivrd.prompt })[], confirm?: function|ivrd.prompt|{ prompt: function|ivrd.prompt, yes?: ivrd.digits, no?: ivrd.digits }, secret?: boolean } What to ask and how.
---@return string? digits What was entered; nil if nothing valid was.
---@return string? why If digits is nil: no_input, invalid or cancel.
---@return string? key The stop or cancel digit that ended it; nil if none did.
function call:ask(options) end

---Asks a question that one key answers.
---@param options { prompt?: ivrd.prompt|ivrd.prompt[], again?: ivrd.prompt|ivrd.prompt[], stop?: ivrd.digits, cancel?: ivrd.digits, wait?: number, between?: number, tries?: integer, no_input_tries?: integer, invalid_tries?: integer, no_input?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], invalid?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], failed?: ivrd.prompt|ivrd.prompt[], hold?: boolean, flush?: boolean, yes?: ivrd.digits, no?: ivrd.digits } What to ask and how.
---@return boolean? yes true or false; nil if there was no answer.
---@return string? why If there was none: no_input, invalid or cancel.
function call:ask_yes_no(options) end

---Asks for a date. There must be such a day; check can ask for more. The result, and what check and confirm get, is text such as "2026-11-28", which say.date takes.
---@param options { prompt?: ivrd.prompt|ivrd.prompt[], again?: ivrd.prompt|ivrd.prompt[], stop?: ivrd.digits, cancel?: ivrd.digits, wait?: number, between?: number, tries?: integer, no_input_tries?: integer, invalid_tries?: integer, no_input?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], invalid?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], failed?: ivrd.prompt|ivrd.prompt[], hold?: boolean, flush?: boolean, format: "DDMMYYYY"|"MMDDYYYY"|"YYYYMMDD"|"DDMMYY"|"MMDDYY"|"YYMMDD", check?: fun(entry: any): boolean?, string?|(function|{ check?: function, pattern?: ivrd.pattern|ivrd.pattern[], invalid?: ivrd.prompt })[], confirm?: function|ivrd.prompt|{ prompt: function|ivrd.prompt, yes?: ivrd.digits, no?: ivrd.digits }, secret?: boolean } What to ask and how.
---@return any value What was entered, or nil.
---@return string? why If it is nil: no_input, invalid or cancel.
function call:ask_date(options) end

---Asks for a time of day, hours and minutes in three or four digits; # ends three, unless stop says otherwise. The result, and what check and confirm get, is text such as "14:30", which say.time takes.
---@param options { prompt?: ivrd.prompt|ivrd.prompt[], again?: ivrd.prompt|ivrd.prompt[], stop?: ivrd.digits, cancel?: ivrd.digits, wait?: number, between?: number, tries?: integer, no_input_tries?: integer, invalid_tries?: integer, no_input?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], invalid?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], failed?: ivrd.prompt|ivrd.prompt[], hold?: boolean, flush?: boolean, clock?: "24h"|"12h", half?: ivrd.prompt|ivrd.prompt[], check?: fun(entry: any): boolean?, string?|(function|{ check?: function, pattern?: ivrd.pattern|ivrd.pattern[], invalid?: ivrd.prompt })[], confirm?: function|ivrd.prompt|{ prompt: function|ivrd.prompt, yes?: ivrd.digits, no?: ivrd.digits }, secret?: boolean } What to ask and how.
---@return any value What was entered, or nil.
---@return string? why If it is nil: no_input, invalid or cancel.
function call:ask_time(options) end

---Asks for an amount, of up to twelve digits: "12*5" is 12.50. # ends it, unless stop says otherwise. Check and confirm get it as a number, which say.money takes.
---@param options { prompt?: ivrd.prompt|ivrd.prompt[], again?: ivrd.prompt|ivrd.prompt[], stop?: ivrd.digits, cancel?: ivrd.digits, wait?: number, between?: number, tries?: integer, no_input_tries?: integer, invalid_tries?: integer, no_input?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], invalid?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], failed?: ivrd.prompt|ivrd.prompt[], hold?: boolean, flush?: boolean, decimals?: integer, point?: ivrd.digits, check?: fun(entry: any): boolean?, string?|(function|{ check?: function, pattern?: ivrd.pattern|ivrd.pattern[], invalid?: ivrd.prompt })[], confirm?: function|ivrd.prompt|{ prompt: function|ivrd.prompt, yes?: ivrd.digits, no?: ivrd.digits }, secret?: boolean } What to ask and how.
---@return any amount What was entered, as a number, or nil.
---@return string? why If it is nil: no_input, invalid or cancel.
function call:ask_money(options) end

---Offers choices and does what belongs to the one the caller picks: a function is called with the digits, a text is the name of a flow to run, and a table says one of: play = prompts; menu = the options of a menu below this one; back, top or again = true, to offer the menu above, the first one or this one (a function can return "back", "top" or "again"); continue = a place in the dialplan; extension = a context, to go to the extension that was pressed, if the dialplan has it there.
---@param options { prompt?: ivrd.prompt|ivrd.prompt[], again?: ivrd.prompt|ivrd.prompt[], stop?: ivrd.digits, cancel?: ivrd.digits, wait?: number, between?: number, tries?: integer, no_input_tries?: integer, invalid_tries?: integer, no_input?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], invalid?: ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[], failed?: ivrd.prompt|ivrd.prompt[], hold?: boolean, flush?: boolean, choices: table<ivrd.pattern, ivrd.choice>, match?: "longest"|"first"|"timer", loop?: boolean, rounds?: integer } What to offer and how.
---@return string? choice What was pressed, once it is done; nil if there was no choice, or the last one led out of the menu.
---@return string? why If choice is nil: no_input, invalid, cancel, back, or rounds if it was offered too often.
function call:menu(options) end

---Records the caller. A hangup ends the flow, as everywhere; what was recorded until then is there.
---@param options { name: ivrd.recording, format?: string, stop?: ivrd.digits, max?: number, silence?: number, beep?: boolean, keep?: boolean } What to record and when to stop.
---@return { name: string, duration: integer, why: string, digit: string? }  
function call:record(options) end

---Calls others and connects the caller with the first who answers; goes on when they have hung up, or when nobody took the call. The caller hears ringing or music meanwhile. If the caller hangs up, everything called is hung up, and the flow ends.
---@param to string|string[] Whom to call: an Asterisk dial string such as "PJSIP/alice", or a list of them.
---@param options? { timeout?: number, order?: "all"|"turn", music?: string, early?: boolean, caller?: { number?: string, name?: string }, announce?: ivrd.prompt|ivrd.prompt[], confirm?: ivrd.digits, wait?: number, stop?: string, limit?: number, warn?: number, again?: number, warning?: ivrd.prompt|ivrd.prompt[], transfer?: { blind?: string, attended?: string, context?: string, who?: "called"|"caller"|"both" } } How to call, and what holds for the conversation.
---@return { to: string, seconds: integer, ended: string } talk The conversation, once it is over; nil if nobody took the call: { to = who answered, seconds = how long, ended = called, key, limit or transfer }.
---@return string? why If talk is nil: busy, no_answer, refused, unavailable, congestion or cancelled.
---@return integer? cause If talk is nil: the Q.850 cause, where the network gave one.
function call:dial(to, options) end

---Hands the caller on with the means of the caller's own network: SIP REFER, or 302 before an answer. If that works the call is gone and the flow ends at its next step. Many trunks refuse it; call:dial is for those.
---@param to string Where to: what the caller's network understands, such as "sip:bob@example.net", or a dial string of the caller's technology.
function call:transfer(to) end

---Connects the caller with another channel that Asterisk has, which leaves whatever it is in. Goes on when the two are apart again.
---@param channel string The other channel's name in Asterisk, such as "PJSIP/bob-00000012".
function call:bridge(channel) end

---Has the caller wait with music until another call picks it up with call:pickup. Goes on when their conversation is over, or when nobody came in time, which gives nil and "no_answer".
---@param slot string Where the caller waits: a name that call:pickup uses too, such as "701".
---@param options? { timeout?: number, music?: string } How the caller waits.
---@return { to: string, seconds: integer, ended: string } talk The conversation, once it is over; nil if nobody took the call: { to = who answered, seconds = how long, ended = called, key, limit or transfer }.
---@return string? why If talk is nil: busy, no_answer, refused, unavailable, congestion or cancelled.
---@return integer? cause If talk is nil: the Q.850 cause, where the network gave one.
function call:park(slot, options) end

---Connects the caller with the one who waits longest at a slot. If nobody does, that gives nil and "unavailable".
---@param slot string Where the other caller waits.
---@return { to: string, seconds: integer, ended: string } talk The conversation, once it is over; nil if nobody took the call: { to = who answered, seconds = how long, ended = called, key, limit or transfer }.
---@return string? why If talk is nil: busy, no_answer, refused, unavailable, congestion or cancelled.
---@return integer? cause If talk is nil: the Q.850 cause, where the network gave one.
function call:pickup(slot) end

---Lets the caller into a conference room, and goes on when the caller has left it. A room is there as long as somebody is in it.
---@param room string The room's name. Who names the same room meets there.
---@param options? { moderator?: boolean, muted?: boolean, wait?: boolean, ends?: boolean, max?: integer, music?: string, quiet?: boolean, count?: boolean, join?: string, leave?: string, record?: ivrd.recording, keep?: boolean, keys?: { leave?: string, mute?: string, count?: string, lock?: string, mute_all?: string, kick?: string } } What the caller may and hears.
---@return integer? seconds How long the caller was in the room; nil if not let in.
---@return string why Why it is over: key, ended (the last moderator left), kicked; or why the caller was not let in: locked, full.
function call:conference(room, options) end

---Lets the caller, a supervisor as a rule, listen to another call, speak to one of its parties or to both. Goes on when that call is over.
---@param channel string Whom to listen to: a channel's name, or how it begins, such as "PJSIP/alice".
---@param options? { mode?: "listen"|"whisper"|"barge", stop?: ivrd.digits } How.
function call:spy(channel, options) end

---Connects the caller's audio, both ways, with another program at an address, such as a voice bot. Goes on when that program closes.
---@param options { address: string, kind?: "audiosocket"|"rtp", format?: string, id?: string, limit?: number, stop?: ivrd.digits } Where the audio goes.
---@return string? digit The digit of stop that ended it; nil if something else did.
function call:connect_media(options) end

---Before an answer: the caller hears ringing, as the network makes it.
function call:ringing() end

---Before an answer: tells the network that audio follows, so that prompts are heard without answering (early media).
function call:progress() end

---Plays music on hold while the flow does other things, until call:music(false) or the next prompt.
---@param class? any The class of music on hold; nothing is the default one. false ends the music.
function call:music(class) end

---Tells the caller's phone that it is on hold.
function call:hold() end

---Tells the caller's phone that it is not on hold any more.
function call:unhold() end

---Presses keys towards the caller, for a machine that listens there.
---@param digits string Keys to press, and w to wait half a second.
---@param options? { length?: number, gap?: number } How fast.
function call:send_digits(digits, options) end

---Sends text within the call, for phones that show it.
---@param text string The text.
function call:send_text(text) end

---Records the call in the background, while the flow and its conversations go on, until it is stopped or the call is over.
---@param action "start"|"stop"|"pause"|"resume"|"mute"|"unmute" What to do. pause leaves out what is said, mute replaces it by silence.
---@param options? { name?: ivrd.recording, format?: string, direction?: "both"|"in"|"out", keep?: boolean } For start: what to record.
function call:monitor(action, options) end

---The caller's channel as Asterisk has it now. What is unknown is "".
---@return { name: string, state: string, number: string, caller_name: string, connected: string, language: string, account: string, context: string, exten: string, priority: string }  
function call:snapshot() end

---Has a function called when something happens while a step of the flow waits: during a prompt, a question, a conversation. The function cannot reach the caller itself, but can end the step. digit gets the key, quiet for how many seconds the caller spoke, text the message, user_event the event's name.
---@param event "digit"|"hold"|"unhold"|"talking"|"quiet"|"text"|"user_event" What to wait for: a key, hold and its end, speech and its end, a text message, an event that another program sent.
---@param fn function Called with the event's text and, for user_event, a table of its data. If it returns true, the step that waits ends.
function call:on(event, fn) end

---Sends an event to other programs that listen to Asterisk: a UserEvent.
---@param name string The event's name.
---@param data? table<string, string> Names and texts that go with it.
function call:emit(name, data) end

---A pause between prompts.
---@param seconds number How long, such as 0.5.
---@return ivrd.prompt|ivrd.prompt[]  
function silence(seconds) end

---A tone.
---@param tone string A tone of the country's indications (dial, busy, ring, congestion), or frequencies as in indications.conf, such as "425/500,0/500".
---@param seconds? number How long.
---@return ivrd.prompt|ivrd.prompt[]  
function tone(tone, seconds) end

---What this call or another one has recorded, as a prompt. One that is not there is an error when it is played.
---@param name ivrd.recording The name under which it was recorded.
---@return ivrd.prompt|ivrd.prompt[]  
function recording(name) end

---A text, spoken by the text-to-speech engine that ivrd.yaml names. Texts that stand in the flow as they are, are made before a call needs them; for others the caller waits while they are made, the first time.
---@param text string The words.
---@param options? { language?: string } How to say them.
---@return ivrd.prompt|ivrd.prompt[]  
function tts(text, options) end

---Values as prompts, said in the language of the call when they are played: de (Deutsch), en (English), en_GB (British English), es (Español), es_MX (Español de México), fr (Français), it (Italiano), nl (Nederlands), pt (Português), pt_BR (Português do Brasil), ru (Русский), tr (Türkçe). Amounts may be numbers or text such as "1250.40". Moments are seconds since 1970, text such as "2026-11-28 14:30", or what time.now returns.
---@class ivrd.say
say = {}

---A number: 12 is "twelve", 12.5 "twelve point five".
---@param number number|string A number, whole or with decimals.
---@param options? { gender?: "masculine"|"feminine"|"neuter" } What it agrees with.
---@return ivrd.prompt|ivrd.prompt[]  
function say.number(number, options) end

---Which in a row: 3 is "third".
---@param number integer A whole number.
---@param options? { gender?: "masculine"|"feminine"|"neuter" } What it agrees with.
---@return ivrd.prompt|ivrd.prompt[]  
function say.ordinal(number, options) end

---Digits one by one: "12" is "one two".
---@param digits string Digits, * and #. A string, so that zeros in front stay.
---@return ivrd.prompt|ivrd.prompt[]  
function say.digits(digits) end

---A text character by character: "ab1" is "a b one".
---@param text string Letters, digits and punctuation.
---@return ivrd.prompt|ivrd.prompt[]  
function say.characters(text) end

---A text by words that begin with its letters: "ab1" is "alpha bravo one".
---@param text string Letters, digits and punctuation.
---@return ivrd.prompt|ivrd.prompt[]  
function say.spell(text) end

---An amount of money.
---@param amount number|string How much, in units of the currency; rounded to its smallest coin.
---@param currency string ISO 4217 code, such as "BRL".
---@return ivrd.prompt|ivrd.prompt[]  
function say.money(amount, currency) end

---A share of a hundred: 12.5 is "twelve point five percent".
---@param number number|string How many of a hundred.
---@return ivrd.prompt|ivrd.prompt[]  
function say.percent(number) end

---So many of something, with the plural and the gender that the language wants.
---@param number number|string How many.
---@param noun string Of what: a noun that the language knows in all its forms, such as "message", "minute" or "euro".
---@return ivrd.prompt|ivrd.prompt[]  
function say.count(number, noun) end

---A day.
---@param when number|string|table A moment.
---@param options? { form?: string, zone?: string } How to say it.
---@return ivrd.prompt|ivrd.prompt[]  
function say.date(when, options) end

---A time of day.
---@param when number|string|table A moment, or a time of day such as "14:30".
---@param options? { clock?: "12"|"24", seconds?: boolean, zone?: string } How to say it.
---@return ivrd.prompt|ivrd.prompt[]  
function say.time(when, options) end

---A moment as seen from now: "yesterday at ten thirty", or with its date if it is further away.
---@param when number|string|table A moment.
---@param options? { clock?: "12"|"24", zone?: string } How to say it.
---@return ivrd.prompt|ivrd.prompt[]  
function say.datetime(when, options) end

---How long: 7500 is "two hours and five minutes".
---@param seconds number How long.
---@param options? { smallest?: "second"|"minute"|"hour"|"day" } How to say it.
---@return ivrd.prompt|ivrd.prompt[]  
function say.duration(seconds, options) end

---A telephone number, in the groups in which people say it.
---@param number string A telephone number, as it is dialed or with + and the country in front.
---@param options? { region?: string } How to say it.
---@return ivrd.prompt|ivrd.prompt[]  
function say.phone(number, options) end

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

---HTTP requests to other systems. Where they may go, and services with a name, are in ivrd.yaml. An answer is there whatever its status; nil and one word why there is none: `timeout`, `refused` (no connection, or it broke), `unknown` (no such host), `tls`, `forbidden` (ivrd.yaml does not allow the host), `breaker` (the host failed so often that it is left alone for a while), `busy`, `too_big`, `redirect`, `cancelled` (in on_end functions: the caller hung up meanwhile) or `failed`. The caller's hangup ends a request.
---@class ivrd.http
http = {}

---Sends a GET request and waits for the answer.
---@param url string The address, with http:// or https://.
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function http.get(url, options) end

---Sends a POST request and waits for the answer.
---@param url string The address, with http:// or https://.
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function http.post(url, options) end

---Sends a PUT request and waits for the answer.
---@param url string The address, with http:// or https://.
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function http.put(url, options) end

---Sends a PATCH request and waits for the answer.
---@param url string The address, with http:// or https://.
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function http.patch(url, options) end

---Sends a DELETE request and waits for the answer.
---@param url string The address, with http:// or https://.
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function http.delete(url, options) end

---Sends a HEAD request and waits for the answer.
---@param url string The address, with http:// or https://.
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function http.head(url, options) end

---Sends a request with any method and waits for the answer.
---@param options { method?: "GET"|"POST"|"PUT"|"PATCH"|"DELETE"|"HEAD"|"OPTIONS", url: string, timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } The request.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function http.request(options) end

---Sends a request and does not wait: the flow goes on, and takes the answer with request:wait, which has the filler. What it never waits for is cancelled when the flow ends.
---@param options { method?: "GET"|"POST"|"PUT"|"PATCH"|"DELETE"|"HEAD"|"OPTIONS", url: string, timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean } The request.
---@return ivrd.request  
function http.start(options) end

---A service of ivrd.yaml, which has its address, credentials and limits there.
---@param name string The name that ivrd.yaml gives it below services.
---@return ivrd.service  
function http.service(name) end

---The answer to a request of http.
---@class ivrd.response
---@field status integer The status, such as 200.
---@field ok boolean Whether the status is 200 to 299.
---@field body string The body as text.
---@field headers table Headers by their names in lower case, such as headers["x-total"]. Those that concern only browsers, caches and the connection are left out, and so are cookies.
local response = {}

---The body, read as JSON; nil and the reason if it is none.
---@return any value The value; nil and the reason if the text is not JSON.
function response:json() end

---A request under way, of http.start.
---@class ivrd.request
local request = {}

---The answer, as soon as it is there.
---@param options? { filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What the caller hears meanwhile.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function request:wait(options) end

---A service of ivrd.yaml. Its functions are those of http, with a path in place of the address.
---@class ivrd.service
local service = {}

---Sends a GET request to the service and waits for the answer.
---@param path string The path below the service's address, such as "/accounts".
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function service:get(path, options) end

---Sends a POST request to the service and waits for the answer.
---@param path string The path below the service's address, such as "/accounts".
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function service:post(path, options) end

---Sends a PUT request to the service and waits for the answer.
---@param path string The path below the service's address, such as "/accounts".
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function service:put(path, options) end

---Sends a PATCH request to the service and waits for the answer.
---@param path string The path below the service's address, such as "/accounts".
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function service:patch(path, options) end

---Sends a DELETE request to the service and waits for the answer.
---@param path string The path below the service's address, such as "/accounts".
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function service:delete(path, options) end

---Sends a HEAD request to the service and waits for the answer.
---@param path string The path below the service's address, such as "/accounts".
---@param options? { timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } What to send, and how long to wait.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function service:head(path, options) end

---Sends a request with any method to the service and waits for the answer.
---@param options { method?: "GET"|"POST"|"PUT"|"PATCH"|"DELETE"|"HEAD"|"OPTIONS", url: string, timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean, filler?: { after?: number, prompt?: ivrd.prompt|ivrd.prompt[], pause?: number, music?: string|boolean } } The request.
---@return ivrd.response? response The answer; nil if there is none.
---@return string? why One word why there is none.
---@return string? text The same in more words, for the log.
function service:request(options) end

---Sends a request to the service and does not wait; see http.start.
---@param options { method?: "GET"|"POST"|"PUT"|"PATCH"|"DELETE"|"HEAD"|"OPTIONS", url: string, timeout?: number, connect?: number, retries?: integer, repeatable?: boolean, query?: table<string, string|number|boolean|(string|number|boolean)[]>, headers?: table<string, string>, json?: any, form?: table<string, string|number|boolean|(string|number|boolean)[]>, multipart?: table<string, string|number|boolean|{ name?: string, type?: string, body: string }>, body?: string, type?: string, bearer?: string, username?: string, password?: string, max_body?: integer, redirects?: integer, secret?: boolean } The request.
---@return ivrd.request  
function service:start(options) end

---SQL databases, by their names in ivrd.yaml: these functions ask the one called main, db.open gives the others. Where a value goes write ?, whatever the database, and give the values behind the SQL, never in it. The last argument can be a table of options: { timeout = 2 } is how many seconds it may take, and secret = true keeps the values, and what is in the rows, off the record. What fails outside gives nil and the reason. In a row a NULL is nil; a column that is not there is an error. Whole numbers beyond 2^53 and decimals are strings, exactly as the database has them, moments are strings such as "2026-11-28T10:00:00Z".
---@class ivrd.db
---@field null userdata NULL as a value, where nil cannot stand. It is json.null.
db = {}

---The rows of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return table<string, any>[] rows A list of rows, each a table by column; nil and the reason if it failed.
function db.query(sql, ...) end

---The first row of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return table<string, any>? row The first row, a table by column; nil if there is none, nil and the reason if it failed.
function db.one(sql, ...) end

---The first column of the first row of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return any value The first column of the first row; nil if there is no row or it is NULL, nil and the reason if it failed.
function db.value(sql, ...) end

---Changes something.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return integer changed How many rows it changed; nil and the reason if it failed.
function db.exec(sql, ...) end

---Runs fn in a transaction: all that it does stays, or nothing. Nothing stays if fn raises an error, if one of its queries fails, or if it returns false, with the reason behind it. Ask the caller before or after it: others may wait for what it changes.
---@param fn function Gets the transaction, and asks it with tx:query, tx:one, tx:value and tx:exec.
---@param options? { timeout?: number } How long all of it may take.
---@return any result What fn returned, true if that is nothing; nil and the reason if nothing stays.
function db.tx(fn, options) end

---A database by name. It is asked with crm:query, crm:one, crm:value, crm:exec and crm:tx.
---@param name string Its name under databases in ivrd.yaml.
---@return ivrd.database  
function db.open(name) end

---Bytes as a value for a query. Strings are texts otherwise; what comes back is a string either way.
---@param bytes ivrd.blob Any bytes, as a string.
---@return ivrd.blob  
function db.blob(bytes) end

---A database that db.open gave. Its functions are those of db, called with a colon.
---@class ivrd.database
local database = {}

---The rows of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return table<string, any>[] rows A list of rows, each a table by column; nil and the reason if it failed.
function database:query(sql, ...) end

---The first row of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return table<string, any>? row The first row, a table by column; nil if there is none, nil and the reason if it failed.
function database:one(sql, ...) end

---The first column of the first row of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return any value The first column of the first row; nil if there is no row or it is NULL, nil and the reason if it failed.
function database:value(sql, ...) end

---Changes something.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return integer changed How many rows it changed; nil and the reason if it failed.
function database:exec(sql, ...) end

---Runs fn in a transaction: all that it does stays, or nothing. Nothing stays if fn raises an error, if one of its queries fails, or if it returns false, with the reason behind it. Ask the caller before or after it: others may wait for what it changes.
---@param fn function Gets the transaction, and asks it with tx:query, tx:one, tx:value and tx:exec.
---@param options? { timeout?: number } How long all of it may take.
---@return any result What fn returned, true if that is nothing; nil and the reason if nothing stays.
function database:tx(fn, options) end

---A transaction, as db.tx hands it to its function. When one of its queries fails, nothing it did stays.
---@class ivrd.transaction
local transaction = {}

---The rows of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return table<string, any>[] rows A list of rows, each a table by column; nil and the reason if it failed.
function transaction:query(sql, ...) end

---The first row of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return table<string, any>? row The first row, a table by column; nil if there is none, nil and the reason if it failed.
function transaction:one(sql, ...) end

---The first column of the first row of a query.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return any value The first column of the first row; nil if there is no row or it is NULL, nil and the reason if it failed.
function transaction:value(sql, ...) end

---Changes something.
---@param sql ivrd.sql One SQL statement, with ? for each value.
---@param ... any The values, and a table of options last: { timeout = seconds }.
---@return integer changed How many rows it changed; nil and the reason if it failed.
function transaction:exec(sql, ...) end

---Redis and Valkey servers, by their names in ivrd.yaml: redis.call asks the one called main, redis.open gives the others. Any command will do, except those that change the connection, wait for something, or are for whoever runs the server. What goes wrong outside gives nil and the reason, a command that the server does not accept included.
---@class ivrd.redis
redis = {}

---Sends a command. Its words are sent as they are, whatever a caller has put into them. Strings are strings, whole numbers numbers; beyond 2^53 they are strings. Lists are tables, in which nothing is false, and hashes tables by field. A plain OK is "OK". The option secret = true keeps the arguments, and what is in the answer, off the record.
---@param command string The command's name, such as "HGET".
---@param ... any Its arguments, strings and numbers, and a table of options last: { timeout = seconds, secret = true }.
---@return any reply The answer; nil if there is nothing, nil and the reason if it failed.
function redis.call(command, ...) end

---A server by name. It is asked with cache:call.
---@param name string Its name under redis in ivrd.yaml.
---@return ivrd.server  
function redis.open(name) end

---A Redis server that redis.open gave. Its function is that of redis, called with a colon.
---@class ivrd.server
local server = {}

---Sends a command. Its words are sent as they are, whatever a caller has put into them. Strings are strings, whole numbers numbers; beyond 2^53 they are strings. Lists are tables, in which nothing is false, and hashes tables by field. A plain OK is "OK". The option secret = true keeps the arguments, and what is in the answer, off the record.
---@param command string The command's name, such as "HGET".
---@param ... any Its arguments, strings and numbers, and a table of options last: { timeout = seconds, secret = true }.
---@return any reply The answer; nil if there is nothing, nil and the reason if it failed.
function server:call(command, ...) end

---Values that a flow remembers from call to call, also when ivrd is restarted: strings, numbers, true and false, and tables of them. Each flow has its own; kv.shared has those of all flows. Keys are texts without blanks, of 200 bytes at most; a value has 64 KB at most, and all values of a flow 16 MB, unless ivrd.yaml has them kept in Redis. If the disk is full, or the like, functions give nil and the reason.
---@class ivrd.kv
---@field shared userdata The same functions for values that all flows share: kv.shared.get and so on.
kv = {}

---The value of a key.
---@param key string The key, such as "visits:" .. call.caller.number.
---@return any value The value; nil if there is none, nil and the reason if it failed.
function kv.get(key) end

---Sets the value of a key.
---@param key string The key.
---@param value string|number|boolean|table The value.
---@param options? { expire?: number } How long it is remembered.
---@return boolean done true; nil and the reason if it failed.
function kv.set(key, value, options) end

---Adds to a number, which is 0 if there is none, and gives the sum. No two calls get the same one.
---@param key string The key.
---@param by? integer What to add.
---@param options? { expire?: number } How long it is remembered, from the first time on.
---@return integer count The sum; nil and the reason if it failed.
function kv.incr(key, by, options) end

---Forgets a key.
---@param key string The key, such as "visits:" .. call.caller.number.
---@return boolean did Whether it did anything; nil and the reason if it failed.
function kv.delete(key) end

---Says when a key is forgotten.
---@param key string The key.
---@param seconds number After how many seconds it is forgotten; 0 is never.
---@return boolean did Whether it did anything; nil and the reason if it failed.
function kv.expire(key, seconds) end

---Sets the value of a key if it still has the value it is thought to have. Of several calls that try, one does.
---@param key string The key.
---@param old? string|number|boolean|table What it must hold; nil is nothing.
---@param value? string|number|boolean|table What it holds then; nil is nothing.
---@param options? { expire?: number } How long it is remembered.
---@return boolean did Whether it did anything; nil and the reason if it failed.
function kv.compare_and_set(key, old, value, options) end

---Values as in kv that all flows share.
---@class ivrd.kv.shared
kv.shared = {}

---The value of a key.
---@param key string The key, such as "visits:" .. call.caller.number.
---@return any value The value; nil if there is none, nil and the reason if it failed.
function kv.shared.get(key) end

---Sets the value of a key.
---@param key string The key.
---@param value string|number|boolean|table The value.
---@param options? { expire?: number } How long it is remembered.
---@return boolean done true; nil and the reason if it failed.
function kv.shared.set(key, value, options) end

---Adds to a number, which is 0 if there is none, and gives the sum. No two calls get the same one.
---@param key string The key.
---@param by? integer What to add.
---@param options? { expire?: number } How long it is remembered, from the first time on.
---@return integer count The sum; nil and the reason if it failed.
function kv.shared.incr(key, by, options) end

---Forgets a key.
---@param key string The key, such as "visits:" .. call.caller.number.
---@return boolean did Whether it did anything; nil and the reason if it failed.
function kv.shared.delete(key) end

---Says when a key is forgotten.
---@param key string The key.
---@param seconds number After how many seconds it is forgotten; 0 is never.
---@return boolean did Whether it did anything; nil and the reason if it failed.
function kv.shared.expire(key, seconds) end

---Sets the value of a key if it still has the value it is thought to have. Of several calls that try, one does.
---@param key string The key.
---@param old? string|number|boolean|table What it must hold; nil is nothing.
---@param value? string|number|boolean|table What it holds then; nil is nothing.
---@param options? { expire?: number } How long it is remembered.
---@return boolean did Whether it did anything; nil and the reason if it failed.
function kv.shared.compare_and_set(key, old, value, options) end

---What calls have recorded, this one or others: the files in Asterisk's folder for recordings. They are named as call:record, call:monitor and call:conference name them; the prompt recording plays one back. Where the folder cannot be reached, these give nil and the reason.
---@class ivrd.recordings
recordings = {}

---The recordings whose names begin with a prefix, newest first. Over ARI without recordings.dir in ivrd.yaml only names and formats are known, and the names' order, last first, stands in for the times'.
---@param prefix? string How their names begin, such as "messages/".
---@return ivrd.stored[]? list The recordings, an empty list if there is none; nil and the reason if that cannot be told.
function recordings.list(prefix) end

---Looks for a recording.
---@param name ivrd.recording Its name.
---@return ivrd.stored? recording What is known of it; nil and the reason if it is not there.
function recordings.find(name) end

---Deletes a recording. It works in call:on_end too.
---@param name ivrd.recording Its name.
---@return boolean? deleted true; nil and the reason if there was none to delete.
function recordings.delete(name) end

---States of devices, as BLF lamps and queues see them.
---@class ivrd.device
device = {}

---The state of a device: UNKNOWN, NOT_INUSE, INUSE, BUSY, INVALID, UNAVAILABLE, RINGING, RINGINUSE or ONHOLD.
---@param name string The device, such as "PJSIP/alice" or "Custom:night".
---@return string  
function device.state(name) end

---Sets the state of a custom device, for hints in extensions.conf such as `exten => 800,hint,Custom:night`.
---@param name string A custom device, such as "Custom:night".
---@param state "UNKNOWN"|"NOT_INUSE"|"INUSE"|"BUSY"|"INVALID"|"UNAVAILABLE"|"RINGING"|"RINGINUSE"|"ONHOLD" Its new state.
function device.set(name, state) end

---Everything else that Asterisk can do over ARI. Requests are checked before they are sent, since some wrong ones crash Asterisk. Their meaning is in Asterisk's own documentation of ARI.
---@class ivrd.ari
ari = {}

---Sends any request to Asterisk's REST interface.
---@param method "GET"|"POST"|"PUT"|"DELETE" The method.
---@param path string The path, such as "/channels".
---@param params? any A table of parameters, by Asterisk's names for them.
---@param body? any A table of what Asterisk documents as the body, such as { variables = { … } }.
---@return any answer What Asterisk answered: a table, or true if it said nothing. nil and the reason if it refused.
function ari.request(method, path, params, body) end

---When somebody is there: the schedules of `hours.yaml` beside the flows, with the hours of a week, holidays, days that are different, and what the operator says in place of all that: in the file, with `ivrd hours` or by a call.
---@class ivrd.hours
hours = {}

---Whether somebody is there.
---@param schedule string The name of a schedule.
---@param at? integer Another moment than now, in seconds since 1970.
---@return boolean open Whether somebody is there.
---@return { why: string, name: string, changes: integer } more What else there is to say.
function hours.open(schedule, at) end

---Has a schedule say something else than its hours, to all calls from now on, those in progress included, also when ivrd is restarted. Of two overrides the later one decides while it lasts; one for the same schedule takes the place of the one before. `ivrd hours` shows and clears them. If it cannot be remembered, or is over already, the answer is nil and the reason.
---@param schedule string The name of a schedule; "*" is all of them.
---@param state "closed"|"open" What it says from now on.
---@param options? { expire?: number, ends?: integer, name?: string } How long, and what for.
---@return boolean done true; nil and the reason if it failed.
function hours.override(schedule, state, options) end

---Takes back an override, whether hours.override or `ivrd hours` made it. What hours.yaml says stays.
---@param schedule string The name of a schedule; "*" takes back what was said of all together, not what was said of one.
---@return boolean did Whether it did anything; nil and the reason if it failed.
function hours.clear(schedule) end

---Settings of your own, in `config.yaml` beside the flows: numbers to transfer to, amounts, names. They are saved like a flow, and belong to the version of each flow that asks for them.
---@class ivrd.config
config = {}

---A setting: text, a number, true or false, or a table of these. One that is not there and has no default is an error. Numbers that begin with 0 or +, such as those of telephones, are text.
---@param path string The key, with those above it: "operators.sales".
---@param default? any What it is if config.yaml does not say.
---@return any  
function config.get(path, default) end

---Rates and locks for all calls of a flow, or of all flows with shared = true. They are remembered as kv is, survive a restart, and stand in transcripts as steps of kv. If they cannot be remembered, functions give nil and the reason: say which is meant then.
---@class ivrd.limit
limit = {}

---Counts, and says whether that is within a limit.
---@param key string Who or what is limited, such as call.caller.number.
---@param most integer How often.
---@param period number|string In what time, from the first time on: seconds, or text such as "1h" or "2d".
---@param options? { shared?: boolean } For whom it holds.
---@return boolean allowed Whether this time is within the limit; nil and the reason if nobody knows.
---@return integer left How many more times are.
function limit.per(key, most, period, options) end

---Takes something that one call at a time may have. Give it back with limit.unlock, best in call:on_end.
---@param key string What one call at a time may have.
---@param period number|string For how long at most, in case the call never gives it back: seconds, or text such as "10m".
---@param options? { shared?: boolean } For whom it holds.
---@return boolean got Whether this call has it now; nil and the reason if nobody knows.
function limit.lock(key, period, options) end

---Gives back what this call has taken. What another call has by now stays with that one, and the answer is false.
---@param key string What was taken.
---@param options? { shared?: boolean } As with limit.lock.
---@return boolean did Whether it did anything; nil and the reason if it failed.
function limit.unlock(key, options) end

---Counters and timers of the designer's own, for the dashboards of the operator. Names and labels are words of small letters, digits and _; labels tell apart what one metric counts. Let them have few values, such as a method or a queue: a caller's number belongs in a database. The flow is a label by itself. A call never waits or fails because of them.
---@class ivrd.metrics
metrics = {}

---Counts something. Operators find it as flow_NAME_total.
---@param name string What is counted, such as "payments".
---@param by? number How many, or how much. A counter only grows.
---@param labels? table<string, string|number|boolean> What is counted apart: names with a string, a number or a boolean each.
function metrics.count(name, by, labels) end

---Records how long something took that was measured in another way; metrics.timer measures by itself. Operators find it as flow_NAME_seconds.
---@param name string What took the time, such as "message".
---@param seconds number How long it took.
---@param labels? table<string, string|number|boolean> What is timed apart: names with a string, a number or a boolean each.
function metrics.time(name, seconds, labels) end

---Begins to measure how long something takes. Operators find it as flow_NAME_seconds.
---@param name string What is timed, such as "lookup".
---@param labels? table<string, string|number|boolean> What is timed apart: names with a string, a number or a boolean each.
---@return ivrd.timer  
function metrics.timer(name, labels) end

---A timer that runs, of metrics.timer. One that is never stopped records nothing.
---@class ivrd.timer
local timer = {}

---Ends the measurement and records it. A timer can be stopped once.
---@return number seconds How long it took.
function timer:stop() end

---Keys and passwords, by their names in ivrd.yaml, which says where each is: in the environment or in a file. In the journal, the log and transcripts the name stands wherever the secret would be seen.
---@class ivrd.secrets
secrets = {}

---A secret. In a transcript, which knows none, it is its own name. A file is read when a call asks for the first time, so that it can be replaced while ivrd runs.
---@param name string The name that ivrd.yaml gives it below secrets.
---@return string  
function secrets.get(name) end

---Digests, encodings and random values. What is random comes from a seed of the call that is in its journal, so that the call can be run again: keep journals as safe as what is made of it.
---@class ivrd.crypto
crypto = {}

---The digest of a text.
---@param algorithm "sha256"|"sha512"|"sha1"|"md5" The digest. sha1 and md5 are for systems that know no better.
---@param text string Of what.
---@param encoding? "hex"|"base64"|"base64url"|"raw" How the digest is written.
---@return string  
function crypto.hash(algorithm, text, encoding) end

---The digest of a text and a secret (RFC 2104), with which others can tell that the text is from you.
---@param algorithm "sha256"|"sha512"|"sha1"|"md5" The digest.
---@param key string The secret that both sides know.
---@param text string Of what.
---@param encoding? "hex"|"base64"|"base64url"|"raw" How the digest is written.
---@return string  
function crypto.hmac(algorithm, key, text, encoding) end

---Whether two secrets are the same, found out in a time that does not tell how much of them is.
---@param a string One text.
---@param b string The other one.
---@return boolean  
function crypto.equal(a, b) end

---A text in base64 or hex. base64url has no = at its end.
---@param text string What to encode.
---@param encoding? "hex"|"base64"|"base64url" How.
---@return string  
function crypto.encode(text, encoding) end

---Reads base64 or hex.
---@param text string What to encode.
---@param encoding? "hex"|"base64"|"base64url" How.
---@return string text The text; nil and the reason if it cannot be decoded.
function crypto.decode(text, encoding) end

---Random bytes.
---@param bytes integer How many bytes.
---@param encoding? "hex"|"base64"|"base64url"|"raw" How they are written.
---@return string  
function crypto.random(bytes, encoding) end

---Random digits, such as a code to say to the caller.
---@param count integer How many.
---@return string  
function crypto.random_digits(count) end

---A random UUID (RFC 9562, version 4).
---@return string  
function crypto.uuid() end

---Regular expressions in the syntax of RE2, for what Lua's patterns cannot say. They never take long. Write them in [[ ]], so that \ stays as it is.
---@class ivrd.regex
regex = {}

---The first place that fits, or nil: a table with the whole at [0], the groups at [1] and so on, and those with a name, (?P<name>…), under it.
---@param pattern string The expression.
---@param text string The text to look at.
---@return any  
function regex.match(pattern, text) end

---All places that fit, up to 1000, each as match has it.
---@param pattern string The expression.
---@param text string The text to look at.
---@return any  
function regex.find_all(pattern, text) end

---A text with all places that fit replaced.
---@param pattern string The expression.
---@param text string The text to change.
---@param with string What comes in place of each; ${1} or ${name} is a group.
---@return string  
function regex.replace(pattern, text, with) end

---Addresses of the web.
---@class ivrd.url
url = {}

---A text as a part of a path or a query.
---@param text string The text.
---@return string  
function url.encode(text) end

---Reads what encode wrote; a + is a blank, as in queries.
---@param text string The text.
---@return string text The text; nil and the reason if it cannot be decoded.
function url.decode(text) end

---A table as a query, in the order of its names.
---@param values any A table of names and their values.
---@return string  
function url.query(values) end

---Takes an address apart.
---@param text string The text.
---@return { scheme: string, user: string, host: string, port: string, path: string, query: table<string, string>, fragment: string } parts Its parts; nil and the reason if it is no address.
function url.parse(text) end

---Telephone numbers of all countries.
---@class ivrd.phone
phone = {}

---Reads a telephone number.
---@param number string A number as people write it, or as it was dialed.
---@param region? string Where it was written or dialed, such as "BR"; not needed for numbers with a +.
---@return { e164: string, national: string, international: string, region: string, country: integer, kind: string, valid: boolean } number The number; nil and the reason if it is none.
function phone.parse(number, region) end
