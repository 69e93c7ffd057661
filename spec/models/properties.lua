--- What must hold of every result, whatever the capture.
-- @module properties

local json = require "mcpcap.json"
local mcpcap = require "mcpcap"

local properties = {}

local DIRECTIONS = { "client_to_server", "server_to_client" }

-- What the connection rows of a direction add up to.
local ROW_SUMS = {
  "packet_count", "byte_count", "payload_bytes", "data_packets", "retransmissions", "out_of_order", "unique_bytes",
  "retransmitted_bytes", "missing_bytes", "rst_count", "zero_windows",
}

-- Row of the timeline, counter of the direction.
local TIMELINE = {
  packets = "packet_count", payload_bytes = "payload_bytes", retransmissions = "retransmissions", resets = "rst_count",
}

-- Each frame is one of these.
local LEDGER = {
  "matched_frames", "other_tcp_frames", "not_tcp_frames", "undecoded_frames", "fragment_frames", "sliced_header_frames",
  "malformed_frames",
}

-- What the verdicts on late segments rest on.
local EVIDENCE = { "by_repetition", "by_copy", "by_timestamp", "by_ip_id", "by_ack", "by_time" }

local function add(out, condition, ...)
  if not condition then
    out[#out + 1] = (...):format(select(2, ...))
  end
end

-- No number anywhere is infinite or none at all, and none negative but times before 1970.
local function check_numbers(out, value, path)
  if type(value) == "number" then
    local least = path:match("_time$") and -2 ^ 31 or 0
    add(out, value >= least and value < math.huge, "%s is %s", path, tostring(value))
  elseif type(value) == "table" then
    for key, inner in pairs(value) do
      check_numbers(out, inner, path .. "." .. tostring(key))
    end
  end
end

local function sum_of(list)
  local sum = 0
  for _, value in ipairs(list) do
    sum = sum + value
  end
  return sum
end

local function check_direction(out, result, name)
  local direction = result[name]
  local late = direction.late_segments
  for _, field in ipairs(ROW_SUMS) do
    local sum = 0
    for _, row in ipairs(result.connections) do
      sum = sum + row[name][field]
    end
    add(out, sum == direction[field], "%s.%s is %s, its rows make %s", name, field, direction[field], sum)
  end
  for field, counter in pairs(TIMELINE) do
    local sum = sum_of(result.timeline[name][field])
    add(out, sum == direction[counter], "%s.%s is %s, the timeline makes %s", name, counter, direction[counter], sum)
  end
  local decided, explained = late.undecided, late.resent_fins
  for _, field in ipairs(EVIDENCE) do
    decided = decided + late[field]
  end
  add(out, decided >= late.resent + late.reordered + late.duplicated + late.undecided, "%s: verdicts without evidence",
    name)
  for _, count in pairs(direction.resent_causes) do
    explained = explained + count
  end
  add(out, explained <= late.resent and explained + late.resent_syns >= late.resent, "%s: %s causes of %s resent", name,
    explained, late.resent)
  add(out, late.resent_seen + late.resent_unseen == late.resent, "%s: resent, seen and unseen differ", name)
  add(out, direction.fast_retransmissions + direction.spurious_retransmissions <= direction.retransmissions,
    "%s: more fast and spurious retransmissions than there are", name)
  add(out, direction.capture_duplicates <= direction.retransmissions + direction.out_of_order,
    "%s: more capture_duplicates than late segments", name)
  add(out, direction.rtt_ms.count <= direction.rtt_samples_raw, "%s: more round trips than samples", name)
  add(out, direction.unique_bytes + direction.retransmitted_bytes <= direction.payload_bytes,
    "%s: more stream bytes than payload", name)
  for field, frames in pairs(direction.examples) do
    local before = 0
    for _, frame in ipairs(frames) do
      add(out, frame > before and frame <= result.total_packets, "%s.examples.%s: frame %s", name, field, frame)
      before = frame
    end
    add(out, #frames <= (direction[field] or #frames), "%s.examples.%s: more than there are", name, field)
    add(out, #frames > 0 or (direction[field] or 0) == 0, "%s.examples.%s: none of %s", name, field, direction[field])
  end
end

-- Properties of one result, whose `connections` are all there.
local function check_result(out, result)
  local c2s, s2c, capture = result.client_to_server, result.server_to_client, result.capture
  add(out, c2s.packet_count + s2c.packet_count == capture.matched_segments, "packets and matched segments differ")
  add(out, capture.matched_segments <= capture.tcp_segments, "more matched segments than segments")
  local frames = 0
  for _, class in ipairs(LEDGER) do
    frames = frames + capture[class]
  end
  add(out, frames == capture.frames, "the ledger's classes make %s of %s frames", frames, capture.frames)
  add(out, capture.frames == result.total_packets, "frames and total_packets differ")
  add(out, capture.tcp_segments == result.tcp_packets_found, "segments and tcp_packets_found differ")
  add(out, #result.connections == result.connection_count, "%s rows of %s connections", #result.connections,
    result.connection_count)
  local states = 0
  for _, count in pairs(result.connection_sums.states) do
    states = states + count
  end
  add(out, states == result.connection_count, "states of %s connections of %s", states, result.connection_count)
  for _, name in ipairs(DIRECTIONS) do
    check_direction(out, result, name)
  end
  check_numbers(out, result, "result")
end

-- The result as text, without the time of the analysis.
local function as_text(result)
  local moment = result.analysis_timestamp
  result.analysis_timestamp = nil
  local text = assert(json.encode(result))
  result.analysis_timestamp = moment
  return text
end

local function in_slices(path, ip, port, options, slice)
  local session = assert(mcpcap.open(path, ip, port, options))
  local state, message
  repeat
    state, message = session:step(slice)
  until state ~= "more"
  local result = session:result()
  session:close()
  return assert(state and result, message)
end

--- Everything that does not hold of the analysis of a capture.
-- @tparam string path
-- @tparam string ip of the server
-- @tparam ?integer port
-- @tparam[opt] table slices sizes of slices that must make no difference
-- @treturn table sentences; empty when all is well
-- @treturn table the result
function properties.check(path, ip, port, slices)
  local out, options = {}, { connections = 1000000, buckets = 60 }
  local result, message = mcpcap.analyze_traffic_flow(path, ip, port, options)
  if not result then
    return { message }
  end
  check_result(out, result)
  local text = as_text(result)
  add(out, text == as_text(mcpcap.analyze_traffic_flow(path, ip, port, options)), "a second time it is another result")
  for _, slice in ipairs(slices or {}) do
    add(out, text == as_text(in_slices(path, ip, port, options, slice)), "in slices of %s it is another result", slice)
  end
  return out, result
end

return properties
