-- The same traffic as a poorer capture shows it: begun late, ended early, with packets left out, cut, doubled or in
-- another order, of one direction only.
--
--     local lacking = dofile(here .. "lacking.lua")
--     for _, way in ipairs(lacking.ways) do
--       local bytes = way.make(head, records, server)
--     end

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cutting = dofile(here .. "../cutting.lua")

local lacking = { ways = {}, records_of = cutting.records_of }

-- Numbers that look drawn and are the same each time, in every Lua.
local function draw(seed)
  local state = seed
  return function(below)
    state = (state * 1103 + 12345) % 1048576
    return math.floor(state / 1048576 * below) + 1
  end
end

-- The fields of a record of a little-endian pcap file.
local function number(record, at)
  local a, b, c, d = record:byte(at, at + 3)
  return ((d * 256 + c) * 256 + b) * 256 + a
end

local function bytes_of(n)
  n = n % 4294967296
  return string.char(n % 256, math.floor(n / 256) % 256, math.floor(n / 65536) % 256, math.floor(n / 16777216))
end

local function from_server(record, server)
  local family = record:sub(29, 30)              -- of Ethernet, behind the header of the record
  return family == "\8\0" and record:sub(43, 46) == server or family == "\134\221" and record:sub(39, 54) == server
end

-- Adds a way; 'make' gets the records, what to draw with and the server's address, and gives other records.
local function way(name, make)
  lacking.ways[#lacking.ways + 1] = {
    name = name,
    make = function(head, records, server)
      if #records < 4 then
        return nil
      end
      local others = make(records, draw(#records * 31 + #name), server)
      return #others > 0 and head .. table.concat(others) or nil
    end,
  }
end

way("begun late", function(records, drawn)
  return { table.concat(records, "", drawn(#records - 2) + 1) }
end)

way("ended early", function(records, drawn)
  return { table.concat(records, "", 1, drawn(#records - 2) + 1) }
end)

way("every tenth left out", function(records, drawn)
  local others = {}
  for _, record in ipairs(records) do
    others[#others + 1] = drawn(10) > 1 and record or nil
  end
  return others
end)

way("some in another order", function(records, drawn)
  local others, i = {}, 1
  while i <= #records do
    local swaps = i < #records and drawn(3) == 1
    others[#others + 1] = records[swaps and i + 1 or i]
    others[#others + 1] = swaps and records[i] or nil
    i = i + (swaps and 2 or 1)
  end
  return others
end)

way("the server only", function(records, _, server)
  local others = {}
  for _, record in ipairs(records) do
    others[#others + 1] = from_server(record, server) and record or nil
  end
  return others
end)

way("the clients only", function(records, _, server)
  local others = {}
  for _, record in ipairs(records) do
    others[#others + 1] = not from_server(record, server) and record or nil
  end
  return others
end)

way("all twice", function(records)
  local others = {}
  for i, record in ipairs(records) do
    others[i] = record .. record
  end
  return others
end)

way("54 bytes of each", function(records)
  local others = {}
  for i, record in ipairs(records) do
    local captured = math.min(number(record, 9), 54)
    others[i] = record:sub(1, 8) .. bytes_of(captured) .. record:sub(13, 16 + captured)
  end
  return others
end)

return lacking
