--- What the captures that are compared bear: all of their time, both directions, the same connections.
-- @module mcpcap.compare.captures

local phrases = require "mcpcap.phrases"

local captures = {}

local DIRECTIONS = { "client_to_server", "server_to_client" }
local FROM = { client_to_server = "the clients", server_to_client = "the server" }

--- Which of two captures has no segment of a direction that the other one has, although it was answered.
-- @tparam table singles both results
-- @tparam string dir client_to_server, server_to_client
-- @treturn ?integer 1 or 2
function captures.lacks(singles, dir)
  for i = 1, 2 do
    local other = singles[i][dir == DIRECTIONS[1] and DIRECTIONS[2] or DIRECTIONS[1]]
    -- where nothing but SYNs came back all may have been lost
    local answered = other.packet_count > other.syn_count + other.rst_count
    if singles[i][dir].packet_count == 0 and singles[3 - i][dir].packet_count > 0 and answered then
      return i
    end
  end
end

--- Findings on what a capture does not hold.
-- @tparam table self the case of a stretch, see `mcpcap.compare.findings`
function captures.one_direction(self)
  for _, dir in ipairs(DIRECTIONS) do
    local k = captures.lacks(self.singles, dir)
    if k then
      self:add("one_direction_only", "warning", "capture", "high",
        ("The capture at %s has no segment from %s, and that at %s has %s: nothing can be said of that direction.")
        :format(self.names[k], FROM[dir], self.names[3 - k],
          phrases.count(self.singles[3 - k][dir].packet_count, "segment")), {
          counts = { packets = self.singles[3 - k][dir].packet_count },
          settle = "a capture of both directions: of both links of the path, or of both ports of the mirror",
        })
    end
  end
end

-- The reason without the file's name and without what to do about it.
local function bare(message, file)
  local prefix = tostring(file) .. ": "
  if message:sub(1, #prefix) == prefix then
    message = message:sub(#prefix + 1)
  end
  return (message:gsub(";.*", ""):gsub("%.$", ""))
end

--- Whether nothing could be read of a capture.
-- @tparam table single its result
-- @treturn boolean
function captures.is_unread(single)
  return single.capture.stopped ~= nil and single.capture.frames == 0
end

--- Why a capture has nothing of the server, if it is the capture's own fault.
-- @tparam table single its result
-- @param file as the point has it
-- @treturn ?string what the capture does, "cannot be read (unknown file format)"
function captures.fault(single, file)
  local capture = single.capture
  if captures.is_unread(single) then
    return ("cannot be read (%s)"):format(bare(capture.stopped.message, file))
  elseif capture.truncated then
    return ("ends early or is damaged (%s), and has no traffic of the server before that"):format(
      bare(capture.truncated.reason, file))
  elseif capture.frames == 0 and (capture.filtered_frames or 0) == 0 then
    return "holds no packet"
  end
end

--- Of a capture without traffic of the server: whose it has.
-- @tparam table single its result
-- @treturn string a sentence with a space before it, or nothing
function captures.likely(single)
  local first = single.candidates and single.candidates[1]
  return first and first.server and (" It has traffic of %s."):format(first.server) or ""
end

--- Is the only payload that differs that of the last frame before a capture's damage?  Then it is the damage.
-- @tparam table self the case of a stretch
-- @tparam table change its packets and frames
-- @treturn boolean
function captures.is_garbled(self, change)
  for i, name in ipairs(self.names) do
    local single, list = self.singles[i], change.frames and change.frames[name]
    if change.packets == 1 and list and single.capture.truncated and list[1] == single.total_packets then
      return true
    end
  end
  return false
end

--- Findings on captures that end early.
-- @tparam table points of the result
-- @tparam function add what takes a finding: point, text
function captures.incomplete(points, add)
  for _, point in ipairs(points) do
    for _, finding in ipairs(point.findings or {}) do
      if finding.id == "capture_incomplete" then
        add(point, ("%s: %s What came later is not compared."):format(point.name,
          (finding.text:gsub("^%u", string.lower))))
      end
    end
  end
end

-- First and last time of the server's segments.
local function span(single)
  local first, last
  for _, dir in ipairs(DIRECTIONS) do
    local from, to = single[dir].first_time, single[dir].last_time
    first = from and math.min(first or from, from) or first
    last = to and math.max(last or to, to) or last
  end
  return first, last
end

--- Why captures share no connection.
-- @tparam table stretch in which none is paired
-- @tparam table singles results of its two points
-- @tparam table points these
-- @treturn string a sentence
function captures.why_not_paired(stretch, singles, points)
  local a, b = stretch.between[1], stretch.between[2]
  for k, single in ipairs(singles) do
    local packets = single.client_to_server.packet_count + single.server_to_client.packet_count
    if packets > 0 and points[k].not_compared >= packets then
      return ("Of %s at %s the length or the time is not known, so nothing can be compared."):format(
        packets == 1 and "the only segment" or "the segments", stretch.between[k])
    end
  end
  local up, down = captures.lacks(singles, "client_to_server"), captures.lacks(singles, "server_to_client")
  if up and down then
    return ("The capture at %s has only segments from %s, and that at %s only those from %s: no segment is in both.")
      :format(a, FROM[up == 1 and "server_to_client" or "client_to_server"], b,
        FROM[up == 2 and "server_to_client" or "client_to_server"])
  end
  local connections = stretch.connections
  if connections.ambiguous > 0 then
    return ("The captures share no connection that can be told apart from others: %s look alike."):format(
      phrases.count(connections.ambiguous, "connection"))
  end
  local first_a, last_a = span(singles[1])
  local first_b, last_b = span(singles[2])
  local gap = first_a and first_b and math.max(first_b - last_a, first_a - last_b) or 0
  if gap > 0 then
    return ("The captures share no connection: by their clocks the traffic in one of them begins %s after that in the "
      .. "other ends, and if it is the clocks that differ, numbers and data do as well."):format(phrases.long(gap))
  end
  return ("The captures %s and %s share no connection, although their times overlap: they are of other paths, or "
    .. "addresses, numbers and data are all changed between them."):format(a, b)
end

return captures
