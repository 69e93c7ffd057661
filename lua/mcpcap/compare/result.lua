--- From what the core counted at several points of a path to the result of a comparison.
-- @module mcpcap.compare.result

local compared_findings = require "mcpcap.compare.findings"

local compared = {}

local NAMES = { "A", "B", "C", "D", "E", "F" }
local KINDS = { "syn", "data", "fin", "rst", "ack" }
local DIRECTIONS = { "client_to_server", "server_to_client" }

-- Frames of one side, out of pairs of them.
local function frames_of(examples, side)
  local list = {}
  for _, pair in ipairs(examples) do
    if pair[side] > 0 then
      list[#list + 1] = pair[side]
    end
  end
  return list
end

local function frames_at(examples, names)
  local out = {}
  for side = 1, 2 do
    local list = frames_of(examples, side)
    if #list > 0 then
      out[names[side]] = list
    end
  end
  return out
end

local function kinds_of(alone)
  local out = {}
  for _, kind in ipairs(KINDS) do
    out[kind] = alone.kind[kind]
  end
  return out
end

-- One direction; `first` and `second` are sides of the core, `names` the points' names by side.
local function direction_of(d, dir, first, second, names, delay)
  local before = dir == "client_to_server" and first or second
  local behind = before == first and second or first
  local out = {
    segments_seen_at_both = d.at_both, bytes_seen_at_both = d.at_both_bytes,
    lost_between = d.lost[before].count, lost_bytes = d.lost[before].bytes, lost_kinds = kinds_of(d.lost[before]),
    injected_between = d.injected[behind].count, injected_kinds = kinds_of(d.injected[behind]),
    missed_by_capture = { [names[first]] = d.missed[second].count, [names[second]] = d.missed[first].count },
    undecided = d.undecided[1].count + d.undecided[2].count,
    outside_capture = d.outside[1].count + d.outside[2].count,
    duplicated_between = d.duplicated[behind].count,
    reordered_between = d.reordered,
    resegmented = { [names[first]] = d.resegmented[first], [names[second]] = d.resegmented[second] },
    changed = {}, frames = {}, delay_ms = delay,
  }
  for what, change in pairs(d.change) do
    if change.packets > 0 then
      out.changed[what] = {
        packets = change.packets, connections = change.connections, frames = frames_at(change.examples, names),
      }
    end
  end
  for _, what in ipairs { "mss", "window_scale" } do
    if d[what] and out.changed[what] then
      out.changed[what].before, out.changed[what].behind = d[what][before], d[what][behind]
    end
  end
  if d.hops_min and out.changed.ttl then
    out.changed.ttl.hops_min, out.changed.ttl.hops_max = d.hops_min, d.hops_max
  end
  out.frames.lost_between = frames_at(d.lost[before].examples, names)
  out.frames.injected_between = frames_at(d.injected[behind].examples, names)
  out.frames.duplicated_between = frames_at(d.duplicated[behind].examples, names)
  out.frames.reordered_between = frames_at(d.reordered_examples, names)
  local missed = frames_at(d.missed[1].examples, names)
  for name, list in pairs(frames_at(d.missed[2].examples, names)) do
    missed[name] = list
  end
  out.frames.missed_by_capture = missed
  for what, frames in pairs(out.frames) do
    if next(frames) == nil then
      out.frames[what] = nil
    end
  end
  return out
end

local function pair_of(row, first, second, names)
  local out = {
    clients = { [names[first]] = row["client_" .. first - 1], [names[second]] = row["client_" .. second - 1] },
    first_frames = { [names[first]] = row.first_frame[first], [names[second]] = row.first_frame[second] },
    packets = { [names[first]] = row.packets[first], [names[second]] = row.packets[second] },
    start_time = row.start_time, translated = row.translated, sequence_shift = row.shifted, proxied = row.proxied,
    syn_answered_between = row.answered, rebound = row.rebound,
  }
  for _, dir in ipairs(DIRECTIONS) do
    local d = row[dir]
    out[dir] = {
      segments_seen_at_both = d.at_both, lost_between = d.lost, injected_between = d.injected,
      missed_by_capture = d.missed, undecided = d.undecided, outside_capture = d.outside,
      duplicated_between = d.duplicated,
    }
  end
  if row.wait_ms then
    out.longest_answer = {
      ms = { [names[first]] = row.wait_ms[first], [names[second]] = row.wait_ms[second] },
      frames = { [names[first]] = row.wait_frame[first], [names[second]] = row.wait_frame[second] },
    }
  end
  return out
end

local function sum(counts)
  return counts[1] + counts[2]
end

local function connections_of(b, first, second, names)
  local unpaired = {}
  for why, n in pairs(b.unpaired) do
    if sum(n.count) > 0 then
      unpaired[why] = {
        [names[first]] = n.count[first], [names[second]] = n.count[second],
      }
    end
  end
  local ambiguous = unpaired.ambiguous and sum(b.unpaired.ambiguous.count) or 0
  unpaired.ambiguous = nil
  return {
    seen = { [names[first]] = b.connections[first], [names[second]] = b.connections[second] },
    paired = b.paired, translated = b.translated, sequence_shift = b.shifted, proxied = b.proxied,
    syn_answered_between = b.answered, rebound = b.rebound, rebound_after_ms = b.rebound_after_ms,
    ambiguous = ambiguous, unpaired = unpaired, segments_given_up = b.given_up,
  }
end

-- What lies between two neighbours of the order.
local function stretch_of(b, points)
  local names, first = {}, nil
  for _, point in ipairs(points) do
    for side = 1, 2 do
      if b.point[side] == point.given then
        names[side] = point.name
        first = first or side
      end
    end
  end
  local second = first == 1 and 2 or 1
  local why = {}
  if b.by_delay then
    why[#why + 1] = "delay"
  end
  if b.by_ttl then
    why[#why + 1] = "ttl"
  end
  local out = {
    between = { names[first], names[second] }, order_by = why, same_point = b.same_point,
    connections = connections_of(b, first, second, names),
    round_trip_ms = b.clock.round_trip_ms, clock_steps = b.clock.steps or 0, clock_step_ms = b.clock.step_ms,
    clock_step_time = b.clock.step_time,
    answers = {
      near_ms = b.wait["side_" .. first - 1], far_ms = b.wait["side_" .. second - 1], between_ms = b.wait.between,
    },
    pairs = {},
  }
  local shown = { syn_answered_between = b.answered_examples, rebound = b.rebound_examples }
  for what, examples in pairs(shown) do
    local frames = frames_at(examples, names)
    if next(frames) then
      out.connections.frames = out.connections.frames or {}
      out.connections.frames[what] = frames
    end
  end
  for i, dir in ipairs(DIRECTIONS) do
    out[dir] = direction_of(b[dir], dir, first, second, names, b.delay[i].ms)
  end
  for i, row in ipairs(b.pairs) do
    out.pairs[i] = pair_of(row, first, second, names)
  end
  -- the second point's clock by that of the first
  local sign = first == 1 and 1 or -1
  local clock = b.clock
  if clock.offset_ms then
    out.clock = {
      offset_ms = sign * clock.offset_ms, uncertainty_ms = clock.uncertainty_ms,
      drift_ppm = clock.drift_ppm and sign * clock.drift_ppm,
    }
  end
  return out
end

local PLACES = { "client", "server" }

local function points_of(facts, singles, names)
  local points = {}
  for i, given in ipairs(facts.order) do
    local single = singles[given]
    points[i] = {
      name = NAMES[i], file = names[given], given = given,
      place = i == 1 and PLACES[1] or i == #facts.order and PLACES[2] or "middle",
      packets = single.total_packets, connections = single.connection_count, not_compared = facts.unclear[given],
      findings = single.analysis.findings, status = single.status,
    }
  end
  return points
end

-- Clocks of all points by that of the first.
local function set_clocks(points, stretches)
  local offset, uncertainty, drift = 0, 0, 0
  points[1].clock = { offset_ms = 0, uncertainty_ms = 0, drift_ppm = 0 }
  for i, stretch in ipairs(stretches) do
    local clock = stretch.clock
    stretch.clock = nil
    if not clock then
      return
    end
    offset, uncertainty = offset + clock.offset_ms, uncertainty + clock.uncertainty_ms
    drift = drift and clock.drift_ppm and drift + clock.drift_ppm
    points[i + 1].clock = { offset_ms = offset, uncertainty_ms = uncertainty, drift_ppm = drift or nil }
  end
end

local function status_of(points, stretches)
  for _, point in ipairs(points) do
    if point.status ~= "ok" then
      return point.status
    end
  end
  for _, stretch in ipairs(stretches) do
    if stretch.connections.paired == 0 then
      return "not_paired"
    end
  end
  return "ok"
end

--- Builds the result.
-- @tparam table facts of the core's comparison
-- @tparam table singles the result of each capture alone, in the order in which they were given
-- @tparam table names what each is called
-- @treturn table
function compared.build(facts, singles, names)
  local points = points_of(facts, singles, names)
  local stretches = {}
  for i, b in ipairs(facts.between) do
    stretches[i] = stretch_of(b, { points[i], points[i + 1] })
  end
  set_clocks(points, stretches)
  local one = singles[facts.order[1]]
  local result = {
    schema_version = "1", kind = "comparison", server = one.server, server_ip = one.server_ip,
    server_port = one.server_port, analysis_timestamp = one.analysis_timestamp,
    status = status_of(points, stretches), points = points, window = facts.window, singles = {},
  }
  for i, given in ipairs(facts.order) do
    result.singles[i] = singles[given]
  end
  if #stretches == 1 then
    for key, value in pairs(stretches[1]) do
      result[key] = value
    end
  else
    result.stretches = stretches
  end
  result.analysis = compared_findings.of(result, stretches)
  return result
end

return compared
