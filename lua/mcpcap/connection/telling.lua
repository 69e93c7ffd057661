--- The few connections of a result that tell most, each read once more segment by segment: what a page draws.
--
-- Bounded: so many readings, and so many bytes of all of them together; only files that can be read again.
-- @module mcpcap.connection.telling

local telling = {}
telling.__index = telling

local MOST = 6               -- connections
local MOST_PICKS = 9         -- one that is found by a frame may be there already
local MOST_BYTES = 2e9       -- of all readings
local BY_FRAME = 2           -- readings: one to find whose frame it is, one to tell that connection
local SEGMENTS = 1500        -- of one connection; what matters of longer ones
local OF_FINDINGS = 3        -- findings whose first frame is looked up

local function count_of(row)
  local up, down = row.client_to_server or {}, row.server_to_client or {}
  return (up.packet_count or 0) + (down.packet_count or 0), (up.resent or 0) + (down.resent or 0)
end

-- Rows alike are told once, so that the few differ.
local function kind_of(row)
  local outcome, reset = row.outcome or {}, row.reset or {}
  local _, resent = count_of(row)
  return table.concat({ tostring(outcome.code), tostring(outcome.by), tostring(reset.phase), tostring(resent > 0) },
    " ")
end

-- Which ones, the most telling first: `{ frame = }`, or `{ client =, port =, frame = }` with the first frame of a
-- row, as a client's port may serve for several connections; 'readings' is how often the capture is read for it.
local function choose(result)
  local list, taken, kinds = {}, {}, {}
  local findings = result.analysis and result.analysis.findings or {}
  for i = 1, math.min(#findings, OF_FINDINGS) do
    local frame = findings[i].evidence and findings[i].evidence.frames and findings[i].evidence.frames[1]
    if frame and findings[i].severity ~= "info" then
      list[#list + 1] = { frame = frame, readings = BY_FRAME }
    end
  end
  local function take(row)
    taken[row] = true
    list[#list + 1] = { client = row.client, port = row.server_port, frame = row.first_frame, readings = 1 }
  end
  local rows = result.connections or {}
  for _, row in ipairs(rows) do
    local kind = kind_of(row)
    if not kinds[kind] and row.server_port then
      kinds[kind] = true
      take(row)
    end
    if #list >= MOST_PICKS then
      return list
    end
  end
  for i = 1, math.min(#rows, 100) do
    if not taken[rows[i]] and rows[i].server_port and count_of(rows[i]) > 3 then
      take(rows[i])
    end
    if #list >= MOST_PICKS then
      break
    end
  end
  return list
end

-- A path that is no URL, no stream; its size is known, so it is no pipe either.  What is in a state is not read again:
-- its captures may be gone, and the frames of those behind it do not count from there.
local function can_be_read_again(sources, result, options)
  local list = type(sources) == "table" and sources or { sources }
  if #list == 0 or options and options.state then
    return false
  end
  for _, one in ipairs(list) do
    if type(one) ~= "string" or one:find("^%a[%w+.-]*://") then
      return false
    end
  end
  return result.capture ~= nil and (result.capture.bytes_total or 0) > 0
end

local function readings_of(picks)
  local sum = 0
  for _, pick in ipairs(picks) do
    sum = sum + pick.readings
  end
  return sum
end

-- Those of the picks that can be read without more bytes than allowed.
local function affordable(picks, result)
  local bytes = math.max(result.capture.inflated_bytes or 0, result.capture.bytes_read or 0, 1)
  local room = math.floor(MOST_BYTES / bytes)
  while readings_of(picks) > room do
    picks[#picks] = nil
  end
  return picks
end

-- What the result was asked with, as far as one connection can be.
local NOT_OURS = { connections = true, buckets = true, bucket_ms = true, servers = true, progress = true }

--- Begins to read them.
-- @tparam table library `mcpcap`
-- @tparam string|table sources as the result was made of
-- @tparam table result of `analyze_traffic_flow`
-- @tparam[opt] table options that it was made with
-- @treturn table with the methods `step`, `progress`, `stop`, `close` of a session, and `result`
function telling.open(library, sources, result, options)
  local own = { segments = SEGMENTS }
  for key, value in pairs(options or {}) do
    if not NOT_OURS[key] then
      own[key] = value
    end
  end
  local queue = {}
  if result.status == "ok" and result.server_ip and can_be_read_again(sources, result, options) then
    queue = affordable(choose(result), result)
  end
  return setmetatable({
    library = library, sources = sources, server_ip = result.server_ip, port = result.server_port, options = own,
    queue = queue, all = readings_of(queue), told = {}, seen = {},
    bytes = math.max(result.capture and result.capture.bytes_read or 0, 1),
  }, telling)
end

local function begin(self, pick)
  local options = {}
  for key, value in pairs(self.options) do
    options[key] = value
  end
  options.client, options.frame = pick.client, pick.frame
  self.opened = self.library.open_connection(self.sources, self.server_ip, pick.port or self.port, options)
end

-- Whether a connection that was told begins with this frame.
local function is_told(self, pick)
  return pick.frame ~= nil and self.seen[pick.frame] == true
end

local function keep(self)
  local told = self.opened:result()
  local frame = told and told.connection.first_frame
  if told and not self.seen[frame] then
    self.seen[frame] = true
    self.told[#self.told + 1] = told
  end
end

--- A slice of work; what cannot be told is left out, and is no failure.
function telling:step(budget, wait_ms)
  if not self.opened then
    local pick = #self.told < MOST and table.remove(self.queue, 1)
    if not pick then
      return "done"
    end
    if not is_told(self, pick) then
      begin(self, pick)
    end
    return "more"
  end
  local state = self.opened:step(budget, wait_ms)
  if state == "more" then
    return "more"
  elseif state == "done" then
    keep(self)
  end
  self.opened:close()
  self.opened = nil
  return "more"
end

--- Bytes of the readings done, and of all.
function telling:progress()
  return (self.all - readings_of(self.queue)) * self.bytes, self.all * self.bytes
end

--- Ends the work here.
function telling:stop()
  self.queue = {}
  if self.opened then
    self.opened:stop()
  end
end

--- Frees everything; any number of times.
function telling:close()
  self.queue = {}
  if self.opened then
    self.opened:close()
    self.opened = nil
  end
end

--- The connections so far.
-- @treturn table list of results of `mcpcap.connection`
function telling:result()
  return self.told
end

return telling
