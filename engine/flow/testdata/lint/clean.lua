-- Unusual and right: there is nothing to say about this file.
local M, t, string = {}, { "hello-world" }, string
local play, say, log = call.play, say, log
M.__index = M

function M.new(o) return setmetatable(o or {}, M) end
function M:greet(call) call:play(self.prompt or "hello-world"); call:made_up(self) end
local function each(list, fn, ...) for i, v in ipairs(list) do fn(i, v, ...) end end
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end

do
  local say = { nmber = log.info }
  say.nmber(1)
  local call = call
  call:play(t)
  local play = function(...) return ... end
  play(1, 2, 3, 4, even(2))
end

each(t, function(_, prompt) play(call, prompt) end, unpack(t))
each({ call.answer, call.hangup }, function(_, method) pcall(method, call) end)
for name, value in pairs(call.args) do log.info(name, value, call.args[1], call.args["x"].y) end

local prompts = { welcome = "no-recording-of-this", [1] = "hello-world", [2] = "digits/1" }
call:play(prompts)
call:play(prompts.welcome)
call:play(M.prompt and M.prompt or { "hello-world", prompts.welcome, silence(0.5), tone("ring") })
call:play({ unpack(t) }, { stop = M.stop, barge = M.stop == nil })
call:play(("digits/%d"):format(3))
call:play("digits/" .. 3)
call:play { "digits/" .. #t, say.number(#t), say.digits("0012"), say.characters "ab" }

local ok, why = pcall(function() return call:ask { prompt = t, min = 0x1, max = 010, wait = .5, check = even } end)
if not ok then log.warn(why, select("#", unpack(t))) end
local options = { prompt = "hello-world" }
options.max = 3
options.anything = nil
call:ask(options)
call:menu {
  choices = { ["1"] = M.new, ["_2XX"] = even, [3] = "sales", ["*"] = { continue = { context = "a", exten = why } }, ["#"] = { continue = "s,1" } },
  no_input = { t, { "hello-world" } },
}

while true do
  for i = 1, 10 do
    if i == 3 then goto continue end
    if i == 5 then break end
    log.debug(i)
    ::continue::
  end
  if call:get("STOP") then break end
end

counter = (counter or 0) + 1
function announce(n) counter = n; total = counter end
total = 0
announce(counter + total)
local co = coroutine.wrap(function(...) coroutine.yield(...) end)
co(math.huge, os.time(), os.date("*t").hour, debug.traceback())
local tools = require "lib.tools"
tools.anything(tools)
M.new { prompt = "x" }:greet(call)
repeat local done = even(2) until done
if call.exten == "1" then return call:continue "s,1" end
if call.exten == "2" then call:hangup() else call:hangup "busy" end
