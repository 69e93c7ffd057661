--- The segments of the most telling connection around its most telling moment, at two points: what a drawing shows.
-- @module mcpcap.compare.ladder

local core = require "mcpcap.core"
local inputs = require "mcpcap.inputs"

local ladder = {}

local SEQUENCES = 4294967296
local DIRECTIONS = { "client_to_server", "server_to_client" }
local FIN, SYN, RST, ACK = 1, 2, 4, 16

local function has(flags, bit)
  return math.floor(flags / bit) % 2 == 1
end

local function label_of(s)
  local words = {}
  words[1] = has(s.flags, SYN) and (has(s.flags, ACK) and "SYN-ACK" or "SYN") or has(s.flags, RST) and "RST" or nil
  if has(s.flags, FIN) then
    words[#words + 1] = "FIN"
  end
  if s.len > 0 then
    words[#words + 1] = ("data %.0f"):format(s.len)
  end
  return #words > 0 and table.concat(words, " ") or "ACK"
end

-- By how much sequence numbers of a direction differ at the second point: what most data of one length differ by.
local function shift_of(a, b, dir)
  local votes, best, most = {}, 0, 0
  for _, s in ipairs(a) do
    for _, o in ipairs(b) do
      if s.dir == dir and o.dir == dir and s.len == o.len and s.flags == o.flags then
        local d = (o.seq - s.seq) % SEQUENCES
        votes[d] = (votes[d] or 0) + 1
        if votes[d] > most then
          best, most = d, votes[d]
        end
      end
    end
  end
  return best
end

local function is_same(s, o, shift)
  return s.dir == o.dir and s.len == o.len and has(s.flags, SYN) == has(o.flags, SYN)
    and has(s.flags, FIN) == has(o.flags, FIN) and has(s.flags, RST) == has(o.flags, RST)
    and (o.seq - s.seq) % SEQUENCES == shift[s.dir] and (s.ack == 0 or (o.ack - s.ack) % SEQUENCES == shift[1 - s.dir])
end

-- The one at the other point that is nearest in time; 'ahead' is how much that clock is ahead.
local function partner(s, list, taken, shift, ahead)
  local best, least
  for _, o in ipairs(list) do
    local apart = math.abs(o.time - ahead - s.time)
    if not taken[o] and is_same(s, o, shift) and apart < 5 and (not least or apart < least) then
      best, least = o, apart
    end
  end
  return best
end

local function has_frame(frames, name, frame)
  for _, one in ipairs(frames and frames[name] or {}) do
    if one == frame then
      return true
    end
  end
  return false
end

-- What became of a segment that one point has: as far as the comparison says so.
local function fate_of(s, d, name, first)
  local frames = d.frames
  if has_frame(frames.lost_between, name, s.frame) then
    return "lost"
  elseif has_frame(frames.injected_between, name, s.frame) then
    return "made"
  elseif has_frame(frames.missed_by_capture, name, s.frame) then
    return "missed"
  end
  local missed = d.undecided
  for _, n in pairs(d.missed_by_capture) do
    missed = missed + n
  end
  if missed == 0 and first and d.lost_between > 0 then
    return "lost"
  elseif missed == 0 and not first and d.injected_between > 0 then
    return "made"
  end
  return "alone"
end

local function span(list)
  local from, to
  for _, s in ipairs(list) do
    from, to = math.min(from or s.time, s.time), math.max(to or s.time, s.time)
  end
  return from, to
end

-- Steps from the top down: by the time at the first point.  What only the second one has stands before the next of its
-- direction there that both have, so that the times at each point go on downwards.
local function in_order(steps, names)
  local key, behind, above, late = {}, {}, {}, {}
  for _, one in ipairs(steps) do
    key[one] = one.at_ms[names[1]]
    if one.at_ms[names[2]] then
      behind[#behind + 1] = one
    end
  end
  table.sort(behind, function(x, y)
    local p, q = x.at_ms[names[2]], y.at_ms[names[2]]
    return p < q or p == q and x.frames[names[2]] < y.frames[names[2]]
  end)
  for i = #behind, 1, -1 do
    local one = behind[i]
    key[one] = key[one] or above[one.from]
    above[one.from] = key[one]
  end
  for _, one in ipairs(behind) do
    local there = one.at_ms[names[2]]
    if one.at_ms[names[1]] then
      late[one.from] = key[one] - there
    end
    key[one] = key[one] or there + (late[one.from] or 0)
  end
  table.sort(steps, function(x, y)
    if key[x] ~= key[y] then
      return key[x] < key[y]
    end
    local p, q = x.at_ms[names[2]] or key[x], y.at_ms[names[2]] or key[y]
    if p ~= q then
      return p < q
    end
    return (x.frames[names[1]] or x.frames[names[2]]) < (y.frames[names[1]] or y.frames[names[2]])
  end)
  return steps
end

local function steps_of(stretch, names, a, b, ahead)
  local shift, taken, steps = { [0] = shift_of(a, b, 0), [1] = shift_of(a, b, 1) }, {}, {}
  local from_b, to_b = span(b)
  local from_a, to_a = span(a)
  local start = math.min(from_a, from_b - ahead)
  local function step(s, k, other)
    local dir = DIRECTIONS[s.dir + 1]
    local first = (s.dir == 0) == (k == 1)
    local fate = other and "both" or fate_of(s, stretch[dir], names[k], first)
    local from = s.dir == 0 and "client" or "server"
    local one = { from = from, label = label_of(s), fate = fate, at_ms = {}, frames = {} }
    one.at_ms[names[k]] = (s.time - (k == 2 and ahead or 0) - start) * 1000
    one.frames[names[k]] = s.frame
    if other then
      one.at_ms[names[2]], one.frames[names[2]] = (other.time - ahead - start) * 1000, other.frame
    end
    steps[#steps + 1] = one
  end
  for _, s in ipairs(a) do
    local o = partner(s, b, taken, shift, ahead)
    if o then
      taken[o] = true
      step(s, 1, o)
    elseif s.time + ahead > from_b and s.time + ahead < to_b then
      step(s, 1)
    end
  end
  for _, o in ipairs(b) do
    if not taken[o] and o.time - ahead > from_a and o.time - ahead < to_a then
      step(o, 2)
    end
  end
  return in_order(steps, names)
end

-- Frames that tell, and the point that has them.
local function moment_of(stretch)
  for _, what in ipairs { "lost_between", "injected_between", "missed_by_capture" } do
    for _, dir in ipairs(DIRECTIONS) do
      for k, name in ipairs(stretch.between) do
        local frames = stretch[dir].frames[what] and stretch[dir].frames[what][name]
        if frames then
          return k, frames
        end
      end
    end
  end
end

--- Reads both captures once more, up to the moment, and pairs what is there.
-- @tparam table stretch of the result
-- @tparam table points its two points
-- @tparam function read what gives the segments at point 1 or 2: client's address and port, moment
-- @treturn ?table `{ clients, steps }`
function ladder.of(stretch, points, read)
  local names, pair = stretch.between, stretch.pairs[1]
  if not pair or pair.proxied or not (points[1].clock and points[2].clock) then
    return nil
  end
  local ahead = (points[2].clock.offset_ms - points[1].clock.offset_ms) / 1000
  local k, frames = moment_of(stretch)
  local lists = {}
  local function segments(i, moment)
    local ip, port = pair.clients[names[i]]:match("^%[?(.-)%]?:(%d+)$")
    lists[i] = ip and read(i, ip, tonumber(port), moment)
    return lists[i] and #lists[i] > 0
  end
  k = k or 1
  if not segments(k, frames or { pair.first_frames[names[k]] }) then
    return nil
  end
  local at = lists[k].moment or lists[k][1].time
  if not segments(3 - k, at + (k == 1 and ahead or -ahead)) then
    return nil
  end
  return { clients = pair.clients, steps = steps_of(stretch, names, lists[1], lists[2], ahead) }
end

--- Adds a ladder to each stretch.
-- @tparam table result of a comparison
-- @tparam function read what reads a source: its place in the caller's list, client's address and port, moment
function ladder.add(result, read)
  for i, stretch in ipairs(result.stretches or { result }) do
    local points = { result.points[i], result.points[i + 1] }
    if stretch.connections and stretch.connections.paired > 0 then
      stretch.ladder = ladder.of(stretch, points, function(k, ...)
        return read(points[k].given, ...)
      end)
    end
  end
end

--- Reads with the core.
-- @tparam table given what the caller of `compare` passed: sources, server_ip, port, options, servers
-- @treturn function for `add`
function ladder.reader(given)
  return function(i, ...)
    local source, own = given.sources[i], given.servers and given.servers[i]
    if inputs.has_handle(source) then
      return nil
    end
    return core.segments("compare", source, own and own[1] or given.server_ip, own and own[2] or given.port,
      given.options, ...)
  end
end

return ladder
