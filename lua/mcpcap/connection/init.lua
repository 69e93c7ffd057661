--- One connection of a server, segment by segment.
-- @module mcpcap.connection

local core = require "mcpcap.core"
local inputs = require "mcpcap.inputs"
local story = require "mcpcap.connection.story"

local connection = {}
connection.__index = connection

local MOST_SEGMENTS = 10000
local SHOWN = 60
local LAST_FRAME = 2 ^ 53

-- At the place of whoever called the public function, which calls `connection.open`; `depth` functions deeper this is.
local function misuse(fname, what, depth)
  error(("bad argument #4 to '%s' (%s)"):format(fname, what), 4 + depth)
end

-- "10.0.0.1:40000", "[2001:db8::1]:40000", also without the brackets.
local function client_of(text)
  local ip, port = text:match("^%[(.+)%]:(%d+)$")
  if not ip then
    ip, port = text:match("^(.+):(%d+)$")
  end
  port = tonumber(port)
  local address = ip and core.canonical_address(ip)
  return address and port and port <= 65535 and { address, port } or nil
end

local function check_integer(fname, options, name, least, most)
  local value = options[name]
  if value ~= nil and not (type(value) == "number" and value >= least and value <= most and value % 1 == 0) then
    misuse(fname, ("option '%s': integer from %.0f to %.0f expected"):format(name, least, most), 2)
  end
  return value
end

-- What is not the core's: which connection, and what of it is shown.
local OWN = { client = true, number = true, frame = true, frames = true, segments = true }

local function parts_of(fname, port, options)
  if options ~= nil and type(options) ~= "table" then
    misuse(fname, "options: table expected, got " .. type(options), 1)
  end
  local rest, own = {}, { shown = SHOWN, from = 0, to = LAST_FRAME }
  for key, value in pairs(options or {}) do
    if not OWN[key] then
      rest[key] = value
    end
  end
  options = options or {}
  own.number = check_integer(fname, options, "number", 1, LAST_FRAME)
  own.frame = check_integer(fname, options, "frame", 1, LAST_FRAME)
  own.shown = check_integer(fname, options, "segments", 1, MOST_SEGMENTS) or SHOWN
  if options.client ~= nil then
    own.client = type(options.client) == "string" and client_of(options.client)
    if not own.client then
      misuse(fname, "option 'client': \"IP:PORT\" expected", 1)
    end
  end
  if options.frames ~= nil then
    local range = options.frames
    if type(range) ~= "table" or type(range[1]) ~= "number" or type(range[2]) ~= "number" or range[1] < 0
      or range[1] > range[2] or range[2] > LAST_FRAME or range[1] % 1 ~= 0 or range[2] % 1 ~= 0 then
      misuse(fname, "option 'frames': { from, to } expected", 1)
    end
    own.from, own.to = range[1], range[2]
  end
  local given = (own.client and 1 or 0) + (own.number and 1 or 0) + (own.frame and 1 or 0)
  if given ~= 1 and not (given == 2 and own.client and own.frame) then
    misuse(fname, "options: one of 'client', 'number' and 'frame' expected", 1)
  end
  if own.client and not port then
    misuse(fname, "options: with 'client' the server's port must be given", 1)
  end
  rest.connections = rest.connections or 1
  rest.buckets = rest.buckets or 0
  return rest, own
end

--- Opens a capture for looking at one connection; misuse is raised at the caller's caller.
-- @tparam string fname name of the public function, for messages
-- @tparam string|file|table path_or_url as for `mcpcap.connection`
-- @tparam string server_ip
-- @tparam integer port
-- @tparam table options
-- @treturn[1] table with the methods of a session
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function connection.open(fname, path_or_url, server_ip, port, options)
  local rest, own = parts_of(fname, port, options)
  if not own.client and inputs.has_handle(path_or_url) then
    misuse(fname, "options: a stream is read once, so 'client' must say which connection", 0)
  end
  local handle, message, code = core.connection(fname, path_or_url, server_ip, port, rest, own.client or nil)
  if not handle then
    return nil, message, code
  end
  return setmetatable({
    handle = handle, fname = fname, source = path_or_url, server_ip = server_ip, port = port, options = rest, own = own,
    finding = not own.client, base = 0,
  }, connection)
end

-- A slice of the reading that looks for the connection.
local function find(self, budget, wait_ms)
  local state, place, code = self.handle:find(budget or 0, wait_ms or 0, self.own.frame or 0, self.own.number or 0)
  if state ~= "done" then
    return state, place, code
  elseif not place then
    self.missing = true
    return "done"
  end
  local base = self.handle:progress()
  local handle, message
  handle, message, code = core.connection(self.fname, self.source, self.server_ip, place.server_port, self.options,
    { place.client_ip, place.client_port })
  if not handle then
    return nil, message, code
  end
  self.handle:close()
  self.handle, self.base, self.finding, self.begin = handle, base, false, place.begin
  return "more"
end

--- Does a bounded slice of work, as `session:step` does.
function connection:step(budget, wait_ms)
  if self.missing then
    return "done"
  elseif self.finding then
    return find(self, budget, wait_ms)
  end
  return self.handle:step(budget, wait_ms)
end

--- Bytes read so far, and in all.
function connection:progress()
  local done, total = self.handle:progress()
  return self.base + done, total > 0 and self.base + total or 0
end

--- Ends the work here.
function connection:stop(message)
  self.handle:stop(message)
end

--- Frees everything; any number of times.
function connection:close()
  self.handle:close()
end

local function not_found(self)
  local own = self.own
  if own.frame and own.client == nil then
    return ("no segment of %s is in frame %.0f"):format(self.server_ip, own.frame)
  elseif own.number then
    return ("the capture holds fewer than %.0f connections of %s"):format(own.number, self.server_ip)
  end
  return ("no segment between %s and the server is in this capture"):format(self.own.client[1] .. ":"
    .. self.own.client[2])
end

--- What there is to tell so far.
-- @tparam string file what was read, fit to be shown
-- @tparam[opt] table files the same one by one
-- @tparam[opt] integer shown so many rows, about, instead of what the options say
-- @treturn[1] table the result
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function connection:result(file, files, shown)
  if self.finding or self.missing then
    return nil, not_found(self), "no_connection"
  end
  local own = self.own
  local facts, message, code = self.handle:facts(self.begin or 0, own.frame or 0, shown or own.shown, own.from, own.to)
  if not facts then
    return nil, message, code
  elseif not facts.connection then
    return nil, not_found(self), "no_connection"
  end
  local result = facts.result
  return story.tell({
    schema_version = "1", kind = "connection", file = file, files = files, status = "ok",
    analysis_timestamp = result.analysis_timestamp, rules = result.rules,
    server = facts.connection.server, server_ip = result.server_ip, server_port = facts.connection.server_port,
    client = facts.connection.client, number = facts.number, connection_count = result.connection_count,
    total_packets = result.total_packets, dns = facts.connection.dns, tls = facts.tls,
    connection = facts.connection, segments = facts.rows,
    segment_count = facts.segments, segments_shown = facts.shown, segments_not_kept = facts.not_kept,
    others_of_pair = facts.others, other_frames = facts.other_frames, capture = result.capture,
  })
end

return connection
