-- Tables of options, and what stands in them.
local vip = call:get("VIP")
local key = "stop"
local stop = "x"            --> call:ask: stop: "x" is not a digit; keys are 0-9, *, # and A-D
local keep = vip

call:ask { stp = "#" }      --> call:ask: no option stp; did you mean stop?
call:ask { "enter-account" } --> call:ask: options have names, such as prompt = …; this value has none
call:ask("hello-world")     --> call:ask: options: want a table of options such as { prompt = … }, got the string "hello-world"
call:ask()
call:ask(vip)
call:ask { [key] = "#", [vip] = 1 }
call:ask { stop = stop }
call:ask { stop = "#x" }    --> call:ask: stop: "x" is not a digit; keys are 0-9, *, # and A-D
call:ask { stop = 5, max = "8", stop_ = nil } --> call:ask: no option stop_; did you mean stop?
call:ask { stop = nil, cancel = vip and "*" or nil, max = vip and 5 or 8 }
call:ask { max = vip and 500 or 8 } --> call:ask: max: 500 is too large; 128 is the most
call:ask {
  tries = 0,                --> call:ask: tries: 0 is too small; 1 is the least
  hold = "yes",             --> call:ask: hold: want true or false, got the string "yes"
  check = "even",           --> call:ask: check: want a function, or a list of functions and of { pattern = …, invalid = … }, got the string "even"
  min = 1.5,                --> call:ask: min: want a whole number, got 1.5
  wait = 5,
  wait = 6,                 --> warning: this table has wait already on line 23; only the last one counts
}
call:play("hello-world", 5) --> call:play: options: want a table of options such as { stop = … }, got the number 5
call:play("hello-world", nil)
call:play("hello-world", { barge = vip ~= nil })
call:play { "hello-world", 5, vip, say.number(1), { "digits/1" } } --> call:play: prompt: item 2: the number 5 is no prompt; use say.number(5) or say.digits("5")
call:play { prompt = "hello-world" } --> call:play: prompt: a list of prompts has no "prompt"
call:play("hello world")    --> call:play: prompt: prompt "hello world": ' ' cannot be part of a name; a prompt is one name such as "main-menu", several are a list
call:play(vip and "acme/gold" or "hello-wrld") --> there is no prompt hello-wrld; did you mean hello-world?
call:play("hello" .. keep)
call:record { max = 60 }    --> call:record: option name is missing: Its name. A recording that has it already is replaced.
call:record()               --> call:record: option name is missing: Its name. A recording that has it already is replaced.
call:record { name = vip, [key] = 1 }
call:record { name = "/tmp/x" } --> call:record: name: recording "/tmp/x": it cannot begin with /; names are below Asterisk's folder for recordings
call:record { name = "a b", keep = vip } --> call:record: name: recording "a b": ' ' cannot be part of a name; use letters, digits and - _ . /
call:play { recording "../x", recording(keep) } --> recording: name: recording "../x": no part of a name can be empty or begin with a dot
call:play(recording("calls/" .. keep))
call:play(recording "calls/" .. keep) --> recording: name: recording "calls/": no part of a name can be empty or begin with a dot
recordings.delete()         --> recordings.delete: name is missing: Its name.
recordings.remove("x")      --> recordings has no remove

call:menu { prompt = "hello-world" } --> call:menu: option choices is missing: What is done, by what is pressed, which may be patterns such as "3XX".
call:menu { match = "longst", choices = { ["1"] = "sales" } } --> call:menu: match: want longest or first or timer, got "longst"; did you mean longest?
call:menu {
  choices = {
    ["1"] = function() call:answer() end,
    ["2"] = "sales",
    ["3X["] = "sales",      --> call:menu: choices: pattern "3X[": [ without ]
    ["4"] = { continue = "operators,s,1" },
    ["5"] = { continue = "a,b,c,d" }, --> call:menu: choices: choice 5: "a,b,c,d" is no place in the dialplan; write context,exten,priority
    ["6"] = { contnue = "x" }, --> call:menu: choices: choice 6: a choice has no contnue; did you mean continue?
    ["7"] = true,           --> call:menu: choices: choice 7: want a function, a flow's name or a table such as { continue = "context,exten,priority" }, got true
    [8] = vip,
    ["9"] = call.exten,
  },
}
call:menu {
  choices = {
    ["1"] = "sale",         --> there is no flow sale; did you mean sales?
    ["2"] = vip and "sales" or "slaes", --> there is no flow slaes; did you mean sales?
    ["1"] = "sales",        --> warning: this table has 1 already on line 62; only the last one counts
  },
}
call:menu { choices = {} }  --> call:menu: choices: there are no choices
call:menu { choices = vip }
call:run("sales.lua")       --> there is no flow sales.lua; did you mean sales?
call:run("nowhere-at-all")  --> there is no flow nowhere-at-all; it would be the file nowhere-at-all.lua
call:run(vip or "sales")
