-- Variables: those that do not exist, those that are global by accident, those nobody reads.
local account = call.args.account
local tries
company = "acme"

log.info(acount)            --> acount is not defined; did you mean account?
log.info(company, _VERSION, math.pi, _G.anything)
if debugging then log.info("x") end --> warning: debugging is not defined and always nil
answer()                    --> answer is not defined; did you mean call:answer?
hangup("busy")              --> hangup is not defined; did you mean call:hangup?
tnoe("ring")                --> tnoe is not defined; did you mean tone?

local function helper(call, number, ...)
  acccount = number         --> warning: acccount becomes a global variable here; did you mean account?
  global = number           --> warning: global becomes a global variable here; write local before it, here or where it is used first
  company = "other"
  global = ...
  call:play("anything")
  call:whatever()
end

function another() tries = 1; return helper(call, account, tries) end
for i = 1, 2 do local inner = i; log.info(inner) end
log.info(inner)             --> inner is not defined; the inner of line 23 is known in its own block only
another()

local unused = 1            --> warning: unused: never used; remove it, or begin its name with _
local only_set              --> warning: only_set: never used; remove it, or begin its name with _
only_set = 2
local _fine, found, value = 1, call:get("X")
log.info(value)
local a, _b, c = 1, 2, 3    --> warning: a, c: never used; remove it, or begin its name with _
local function nobody() end --> warning: nobody: never used; remove it, or begin its name with _

do local call = {}; log.info(call.anything) end --> warning: this call hides ivrd's own; give it another name
for call in pairs({}) do log.info(call) end     --> warning: this call hides ivrd's own; give it another name
do local call = call; call:answer() end
say = {}                    --> warning: this replaces ivrd's own say; give it another name

os.exit()                   --> os.exit is not available in flows; use call:hangup(), or return
local file = io.open("x")   --> warning: file: never used; remove it, or begin its name with _ | io.open is not available in flows; flows have no files; data comes through the library, such as db and http
dofile("x")                 --> dofile is not available in flows; use require "name"
string.dump(helper)         --> string.dump is not available in flows
local unpack = unpack or table.unpack
local now = os.time and os.time() or os.gettime and os.gettime()
log.info(unpack, now, string.fromat("x"), ("x"):fromat()) --> string has no fromat; did you mean format? | strings have no method fromat; did you mean format?
function string.trim(s) return s end
log.info(string.trim("x"), ("x"):trim())
local _ = pcall(require, "lib.tools") and (setfenv or string.trim)
if os.setenv then os.setenv("A", "b") end
if not continue_with then continue_with = 1 end
