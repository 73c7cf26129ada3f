-- Telephone numbers of Brazil, with their area (DDD) in front: mobiles have nine digits behind it and begin with 9,
-- landlines have eight and begin with 2 to 5. The zero of a long-distance call and the carrier are no part of it.
local phone = { patterns = { "[1-9][1-9]9XXXXXXXX", "[1-9][1-9][2-5]XXXXXXX" } }

-- areas are those that there are (Anatel, Plano Geral de Códigos Nacionais).
local areas = {}
for area in ([[
  11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 61 62 63 64
  65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99
]]):gmatch("%d+") do areas[area] = true end

-- in_an_area says whether a number's area is one: true, or false and why.
function phone.in_an_area(number)
  local area = number:sub(1, 2)
  return areas[area] == true, "there is no area " .. area
end

return phone
