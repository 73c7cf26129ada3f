call:menu {
  choices = {
    ["1"] = { play = "hello-wrld" }, --> there is no prompt hello-wrld; did you mean hello-world?
    ["2"] = { menu = {
      prompt = { "hello-world", "hello-wrld" }, --> there is no prompt hello-wrld; did you mean hello-world?
      choices = {
        ["1"] = "sale", --> there is no flow sale; did you mean sales?
        ["8"] = { back = true },
        ["9"] = { menu = { choices = { ["1"] = { top = true } } } },
      },
    } },
  },
}
call:menu {
  choices = {
    ["2"] = { menu = { wiat = 3, choices = { ["1"] = "sales" } } }, --> call:menu: choices: choice 2: menu: no option wiat; did you mean wait?
    ["3"] = { bak = true }, --> call:menu: choices: choice 3: a choice has no bak; did you mean back?
    ["4"] = { back = "yes" }, --> call:menu: choices: choice 4: back: want true, got the string "yes"
    ["5XX"] = { extension = "a b" }, --> call:menu: choices: choice 5XX: "a b" cannot be part of a place in the dialplan
    ["7"] = { play = "hello-world", back = true }, --> call:menu: choices: choice 7: want a table with one of again, back, continue, extension, menu, play, top, got one with 2 keys
  },
}
call:ask { pattern = { "1X", "2[" } } --> call:ask: pattern: item 2: pattern "2[": [ without ]
call:ask {
  prompt = { { "hello-world", hold = true }, "hello-wrld" }, --> there is no prompt hello-wrld; did you mean hello-world?
  min = 2, max = 4, pattern = { "1X", "2XXX" },
  check = {
    { pattern = "1XXX", invalid = "hello-wrld" }, --> there is no prompt hello-wrld; did you mean hello-world?
    function(d) return #d > 2 end,
  },
  confirm = { prompt = function(d) return say.digits(d) end, yes = "1" },
}
call:ask { check = { { pattern = "1" , check = function() end } } } --> call:ask: check: item 1: want either check or pattern
call:ask { confirm = { prompt = "hello-wrld" } } --> there is no prompt hello-wrld; did you mean hello-world?
call:ask_date { format = "DMY" } --> call:ask_date: format: want DDMMYYYY or MMDDYYYY or YYYYMMDD or DDMMYY or MMDDYY or YYMMDD, got "DMY"
