-- What the service says of parcels, in the flow's words. It answers with JSON:
--   /parcels/12345678      {"number": "12345678", "status": "on_the_way", "day": "2026-11-30"}, or status 404
--   /parcels?phone=5551234 [{…}, {…}], those under way to whoever has this telephone
local service = http.service("parcels")

-- What the caller hears while there is no answer.
local filler = { after = 1.5, prompt = "still-looking", pause = 2 }

-- read is what is in an answer, read as JSON: nil and "down" if the service cannot help now, "failed" if it might if
-- asked again, "unknown" if there is no such parcel.
local function read(response, why, text)
  if not response then
    log.error("no answer:", text)
    return nil, why == "breaker" and "down" or "failed"
  end
  if response.status == 404 then return nil, "unknown" end
  local value, problem
  if response.ok then value, problem = response:json() end
  if type(value) ~= "table" then
    log.error("no use in the answer:", problem or response.status)
    return nil, "failed"
  end
  return value
end

-- parcel is one as the flow can say it: nil if it is not what was agreed on. A day that is none is left out.
local function parcel(value)
  if type(value) ~= "table" or type(value.status) ~= "string" then return nil end
  local number = type(value.number) == "string" and value.number:match("^%d+$")
  if not number then return nil end
  local day = type(value.day) == "string" and value.day:match("^%d%d%d%d%-%d%d%-%d%d$") or nil
  return { number = number, status = value.status, day = day }
end

local parcels = {}

-- find gives the parcel of a number: nil and why if there is none: unknown, failed or down.
function parcels.find(number)
  local value, why = read(service:get("/parcels/" .. number, { filler = filler }))
  if not value then return nil, why end
  local found = parcel(value)
  if not found then
    log.error("this is no parcel:", json.encode(value))
    return nil, "failed"
  end
  return found
end

-- begin asks what is under way to a caller, and does not wait for it. It is a courtesy, and has less time. nil if
-- the caller's number is withheld.
function parcels.begin(phone)
  if phone == "" then return nil end
  return service:start { url = "/parcels", query = { phone = phone }, timeout = 4, retries = 0 }
end

-- finish gives the first parcel of what begin asked for, and nil if there is none or nobody knows.
function parcels.finish(request)
  local list = request and read(request:wait { filler = filler })
  return list and parcel(list[1])
end

return parcels
