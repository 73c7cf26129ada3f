-- Methods, fields and arguments.
local play, caller, c = call.play, call.caller, call
local opts = { anything = 1 }
local five = 5

call:anwser()               --> no method call:anwser; did you mean answer?
call.anwser()               --> call has no anwser; did you mean answer?
c:anwser()                  --> no method call:anwser; did you mean answer?
log.info(call.dailed)       --> call has no dailed; did you mean dialed?
log.info(call.caller.nubmer, caller.name, caller.nmae, call.args.anything, call.dialed:sub(1, 2)) --> call.caller has no nubmer; did you mean number? | call.caller has no nmae; did you mean name?
call.note = 1               --> call.note cannot be set; keep values in local variables
function call:more() end    --> call.more cannot be set; keep values in local variables
call:dialed()               --> call.dialed is a value, not a function: leave out the parentheses
call.dialed()               --> call.dialed is a value, not a function: leave out the parentheses
log.info(say.nmber(3))      --> say has no nmber; did you mean number?
log.info(say:number(3))     --> use a dot: say.number(…), not say:number(…)
log.info(say:nmber(3))      --> say has no nmber; did you mean number?
say("x")                    --> say is no function; its functions are called like say.characters(…)
call.play("hello-world")    --> use a colon: call:play(…), not call.play(…)
call.answer()               --> use a colon: call:answer(…), not call.answer(…)
call.play(say.number(3))    --> use a colon: call:play(…), not call.play(…)
call.play(call, "hello-world")
play(c, "hello-world", { stopp = "1" }) --> call:play: no option stopp; did you mean stop?
play("hello-world")         --> use a colon: call:play(…), not call.play(…)
pcall(call.play, call, 5)   --> call:play: prompt: the number 5 is no prompt; use say.number(5) or say.digits("5")
pcall(play)                 --> use a colon: call:play(…), not call.play(…)

call:wait()                 --> call:wait: seconds is missing: How long, such as 1.5.
call:wait(nil)              --> call:wait: seconds is missing: How long, such as 1.5.
call:wait(1, 2)             --> call:wait takes 1 argument, got 2
call:wait("1.5")
call:wait("long")           --> call:wait: seconds: seconds: want a number, got the string "long"
call:wait(-1)               --> call:wait: seconds: seconds: -1 is too small; 0 is the least
call:wait(call:get("PAUSE"))
call:wait(opts.pause)
call:answer(call:get("X"))
call:answer(1)              --> call:answer takes no arguments, got 1
call:run()                  --> call:run: flow is missing: The flow to run.
call:set("A", 5)
call:set("A", {})           --> call:set: value: want a string, got a table
call:set("A", true)         --> call:set: value: want a string, got true
call:set("A", call:get("B"))
call:on_end("x")            --> call:on_end: fn: want a function, got the string "x"
call:on_end(log.info)
call:play(say.ordinal(1.5))             --> say.ordinal: number: want a whole number, got 1.5
call:play(say.number("a lot"))          --> say.number: number: "a lot" is no number; write it like 1250.40
log.info(say.number(five), say.number(-five), say.number("12"))
log.info(json.decode("{}"), json.null, json.nul) --> json has no nul; did you mean null?
call:exec("Queue", 1, "x", call:get("X"))

local function variable(...)
  call:play(...)
  call:set(...)
  call:wait(1, ...)
  call:wait(1, 2, ...)      --> call:wait takes 1 argument, got 2
  return call:answer((...)) --> call:answer takes no arguments, got 1
end
variable()
local method = call.anything or "x" --> call has no anything
call[method](call)
