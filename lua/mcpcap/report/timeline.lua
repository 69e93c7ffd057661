--- The timeline of a result as lanes of numbers that a format can draw.
-- @module mcpcap.report.timeline

local units = require "mcpcap.report.units"

local timeline = {}

-- What is drawn: the name of a list, its label, how a value is shown, and
-- whether the lane stands even when it is all zero.
local LANES = {
  { "payload_bytes", "payload", units.bytes, true },
  { "packets", "packets", units.count, false },
  { "retransmissions", "retransmissions", units.count, false },
  { "resets", "resets", units.count, false },
  { "zero_windows", "zero windows", units.count, false },
}

local DIRECTIONS = {
  { "client_to_server", "client to server" },
  { "server_to_client", "server to client" },
}

local function is_number(value)
  return type(value) == "number" and value == value and value > -math.huge and value < math.huge
end

-- A list of numbers without holes, negative values and surprises.
local function clean(list)
  local out = {}
  for i, value in ipairs(type(list) == "table" and list or {}) do
    out[i] = is_number(value) and value > 0 and value or 0
  end
  return out
end

local function sum_and_peak(values)
  local sum, peak = 0, 0
  for _, value in ipairs(values) do
    sum, peak = sum + value, math.max(peak, value)
  end
  return sum, peak
end

local function lane(values, row, direction, count)
  for i = #values + 1, count do
    values[i] = 0
  end
  local sum, peak = sum_and_peak(values)
  return {
    id = row[1], label = row[2], show = row[3], direction = direction[1], way = direction[2],
    values = values, sum = sum, peak = peak,
  }
end

--- The section of an outline that shows the timeline.
-- @tparam ?table t the field `timeline` of a result
-- @treturn ?table nil when there is nothing to draw; else `id`, `title`,
-- `kind` = "timeline", `count` and `seconds` of the buckets, `start` (seconds
-- since 1970, or nil) and `lanes` = { { id, label, direction, way, values,
-- sum, peak, show } }
function timeline.section(t)
  if type(t) ~= "table" then
    return nil
  end
  local lists, count = {}, 0
  for _, row in ipairs(LANES) do
    for _, direction in ipairs(DIRECTIONS) do
      local side = t[direction[1]]
      local values = clean(type(side) == "table" and side[row[1]] or nil)
      lists[#lists + 1] = { values, row, direction }
      count = math.max(count, #values)
    end
  end
  if count == 0 then
    return nil
  end
  local lanes = {}
  for _, item in ipairs(lists) do
    local one = lane(item[1], item[2], item[3], count)
    if one.peak > 0 or item[2][4] then
      lanes[#lanes + 1] = one
    end
  end
  local seconds = is_number(t.bucket_ms) and t.bucket_ms > 0 and t.bucket_ms / 1000 or nil
  return {
    id = "timeline", title = "Timeline", kind = "timeline", count = count, seconds = seconds,
    start = is_number(t.start_time) and t.start_time or nil, lanes = lanes,
  }
end

--- What the timeline shows, in a line: "60 buckets of 500 ms, 30.0 s together".
-- @tparam table section
-- @treturn string
function timeline.caption(section)
  if not section.seconds then
    return units.count(section.count) .. " buckets"
  end
  return ("%s buckets of %s, %s together"):format(units.count(section.count), units.duration(section.seconds),
    units.duration(section.seconds * section.count))
end

--- Sums neighbours up so that at most 'width' values are left.
-- @tparam table values
-- @tparam number width
-- @treturn table
-- @treturn number how many values make one
function timeline.fold(values, width)
  local step = math.ceil(#values / width)
  if step <= 1 then
    return values, 1
  end
  local out = {}
  for i, value in ipairs(values) do
    local at = math.floor((i - 1) / step) + 1
    out[at] = (out[at] or 0) + value
  end
  return out, step
end

return timeline
