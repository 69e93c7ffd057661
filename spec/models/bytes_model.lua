--- Which bytes of a stream were seen, as a plain list of ranges.
-- @module bytes_model

local bytes_model = {}

local SEQUENCES = 4294967296
local HALF = 2147483648

-- The distance from 'b' to 'a', the nearer way round: -2^31 to 2^31 - 1.
local function distance(a, b)
  return (a - b + HALF) % SEQUENCES - HALF
end

--- A side of which nothing was seen.
function bytes_model.new()
  return { ranges = {}, payload = 0, skipped = 0 }
end

-- Puts [low, high) among the ranges, which stay apart and in order; returns how many bytes were new.
local function insert(ranges, low, high)
  local out, old = {}, 0
  local from, to = low, high
  for _, r in ipairs(ranges) do
    old = old + math.max(0, math.min(r[2], high) - math.max(r[1], low))
    if r[2] < low or r[1] > high then
      out[#out + 1] = r
    else
      from, to = math.min(from, r[1]), math.max(to, r[2])
    end
  end
  out[#out + 1] = { from, to }
  table.sort(out, function(a, b)
    return a[1] < b[1]
  end)
  return out, high - low - old
end

--- Adds the payload of one segment.
-- @tparam table side
-- @tparam integer seq of the first payload byte
-- @tparam integer len
-- @tparam boolean in_stream false: the payload of a RST or of a keep-alive
function bytes_model.add(side, seq, len, in_stream)
  if len == 0 then
    return
  end
  side.payload = side.payload + len
  if not in_stream then
    side.skipped = side.skipped + len
    return
  end
  local top = side.top
  local low = top and top + distance(seq, top % SEQUENCES) or seq % SEQUENCES + SEQUENCES * 16
  local fresh
  side.ranges, fresh = insert(side.ranges, low, low + len)
  side.top = math.max(top or 0, low + len)
  side.unique = (side.unique or 0) + fresh
end

--- The bytes that were never seen.
-- @tparam table side
-- @tparam ?integer base initial sequence number, if a SYN was seen
function bytes_model.missing(side, base)
  local sum, before = 0, nil
  for _, r in ipairs(side.ranges) do
    sum = sum + (before and r[1] - before or 0)
    before = r[2]
  end
  if base and side.ranges[1] then
    sum = sum + math.max(0, distance(side.ranges[1][1] % SEQUENCES, (base + 1) % SEQUENCES))
  end
  return sum
end

return bytes_model
