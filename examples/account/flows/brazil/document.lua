-- CPF and CNPJ, the numbers by which Brazil knows people and companies: 11 characters and 14, the last two of which
-- are worked out from the others. A CNPJ can have letters in its first twelve, in those given out from July 2026 on.
-- (Receita Federal, Instrução Normativa 2.229/2024.)
local document = {}

-- check is one check digit: each character, a digit or a capital letter by its place behind "0" in ASCII, times its
-- weight, modulo 11.
local function check(text, weights)
  local sum = 0
  for i = 1, #weights do sum = sum + (text:byte(i) - 48) * weights[i] end
  local rest = sum % 11
  return rest < 2 and 0 or 11 - rest
end

local cpf  = { { 10, 9, 8, 7, 6, 5, 4, 3, 2 }, { 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 } }
local cnpj = { { 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 }, { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 } }

local function right(text, weights)
  local first, second = check(text, weights[1]), check(text, weights[2])
  return text:sub(-2) == first .. "" .. second, "wrong check digits"
end

-- plain is a document as it is kept: 529.982.247-25 is 52998224725.
function document.plain(text)
  return (text:upper():gsub("[%s./-]", ""))
end

-- valid says whether a document is one: true, or false and why.
function document.valid(text)
  text = document.plain(text)
  if text == text:sub(1, 1):rep(#text) then return false, "all digits the same" end
  if #text == 11 and text:find("^%d+$") then return right(text, cpf) end
  if #text == 14 and text:find("^[%dA-Z]+%d%d$") then return right(text, cnpj) end
  return false, "neither CPF nor CNPJ"
end

-- groups are the characters between which people take a breath: 529 982 247 25.
local groups = { [11] = { 3, 3, 3, 2 }, [14] = { 2, 3, 3, 4, 2 } }

-- say is a document read out, group by group.
function document.say(text)
  local prompts, at = {}, 1
  for _, n in ipairs(groups[#text]) do
    prompts[#prompts + 1] = say.characters(text:sub(at, at + n - 1))
    prompts[#prompts + 1] = silence(0.3)
    at = at + n
  end
  return prompts
end

return document
