--- All servers of a capture: one reading finds and watches them, and where that was not enough a
-- second one looks at those that are worth it.
-- @module mcpcap.overview

local amount = require "mcpcap.phrases_amount"
local core = require "mcpcap.core"
local inputs = require "mcpcap.inputs"
local rows = require "mcpcap.overview.rows"
local worst_of = require "mcpcap.overview.worst"

local overview = {}
overview.__index = overview

-- So many servers are analysed at least, whatever number of rows is asked for; more cost memory.
local ANALYSED = 64
local MOST_SHOWN = 1000
local SHOWN = 20

-- What is not the core's: how many rows are shown.
local function parts_of(options)
  local rest, shown = {}, nil
  for key, value in pairs(options) do
    if key == "servers" then
      shown = value
    else
      rest[key] = value
    end
  end
  if rest.buckets == nil then
    rest.buckets = 0
  end
  return rest, shown
end

--- Opens an overview; misuse is raised at the caller's caller.
-- @tparam string fname name of the public function, for messages
-- @tparam string|file|table path_or_url as for `mcpcap.overview`
-- @tparam[opt] table options
-- @treturn[1] table with the methods of a session
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function overview.open(fname, path_or_url, options)
  local shown
  if type(options) == "table" then
    options, shown = parts_of(options)
  end
  if shown ~= nil and not (type(shown) == "number" and shown >= 1 and shown <= MOST_SHOWN and shown % 1 == 0) then
    error(("bad argument #2 to '%s' (option 'servers': integer from 1 to %d expected)"):format(fname, MOST_SHOWN), 3)
  end
  shown = shown or SHOWN
  local room = math.max(ANALYSED, shown)
  local rereadable = not inputs.has_handle(path_or_url)
  local handle, message, code = core.overview(fname, path_or_url, options, room, rereadable or nil)
  if not handle then
    return nil, message, code
  end
  return setmetatable({
    first = handle, source = path_or_url, options = options or {}, shown = shown, room = room, started = os.time(),
    rereadable = rereadable, base = 0, readings = 1, rows = {},
  }, overview)
end

-- The rows of the servers that are worth it, as far as one reading tells; and those that another
-- one would have to tell.
local function take_rows(handle, counted, into)
  local missing = {}
  for _, one in ipairs(counted) do
    local facts, whole, code = handle:server(one.ip, one.port, one.first_frame)
    if not facts and code then
      return nil, whole, code
    elseif facts and whole then
      into[one.server] = rows.of(facts, one)
    else
      missing[#missing + 1] = one
    end
  end
  return missing
end

local function first_facts(self)
  local facts, message, code = self.first:facts(self.room, math.max(self.room, self.shown))
  if not facts then
    return nil, message, code
  end
  local chosen = {}
  for i = 1, facts.chosen do
    chosen[i] = facts.servers[i]
  end
  local missing
  missing, message, code = take_rows(self.first, chosen, self.rows)
  if not missing then
    return nil, message, code
  end
  self.facts, self.missing = facts, missing
  return facts
end

-- What is left of the time for the whole work, in milliseconds; nil: there is no limit.
local function time_left(self)
  local limit = self.options.timeout_ms
  return limit and limit - (os.time() - self.started) * 1000
end

-- Begins the second reading; false where there is nothing to gain, or no way.
local function begin_second(self)
  local left = time_left(self)
  if #self.missing == 0 or not self.rereadable or self.facts.capture.stopped and
    self.facts.capture.stopped.reason ~= "limit" or left and left < 1000 then
    return false
  end
  local servers, options = {}, {}
  for i, one in ipairs(self.missing) do
    servers[i] = { one.ip, one.port }
  end
  for key, value in pairs(self.options) do
    options[key] = value
  end
  options.timeout_ms = left
  if self.facts.connections_not_kept > 0 then      -- the bound holds for all of them together
    options.max_connections = math.max(1, math.floor((options.max_connections or 1000000) / #servers))
  end
  self.second = core.overview("overview", self.source, options, #servers, servers)
  if self.second then
    self.base = self.first:progress()
    self.readings = 2
  end
  return self.second ~= nil
end

-- The second reading counts only if it was of the same capture, to the same place.
local function end_second(self)
  local facts, message, code = self.second:facts(0, 0)
  if not facts then
    return nil, message, code
  end
  if facts.capture.frames ~= self.facts.capture.frames then
    return true
  end
  self.missing, message, code = take_rows(self.second, self.missing, self.rows)
  return self.missing and true, message, code
end

--- Does a bounded slice of work, as `session:step` does.
function overview:step(budget, wait_ms)
  if self.ended then
    return "done"
  end
  local state, message, code = (self.second or self.first):step(budget, wait_ms)
  if state ~= "done" then
    if state == nil and self.second then             -- the first reading stands
      self.ended = true
      return "done"
    end
    return state, message, code
  elseif self.second then
    local ok
    ok, message, code = end_second(self)
    self.ended = true
    if not ok then
      return nil, message, code
    end
    return "done"
  end
  local facts
  facts, message, code = first_facts(self)
  if not facts then
    return nil, message, code
  elseif begin_second(self) then
    return "more"
  end
  self.ended = true
  return "done"
end

--- How the capture is read, in words, as of `session:choices`; of the second reading where there is one.
function overview:choices()
  return (self.second or self.first):choices()
end

--- Bytes read so far, and in all, as of `session:progress`; a second reading counts, too.
function overview:progress()
  if self.second then
    local done, total = self.second:progress()
    return self.base + done, total > 0 and self.base + total or 0
  end
  return self.first:progress()
end

--- Ends the work here, as `session:stop` does.
function overview:stop(message)
  if not self.ended then
    (self.second or self.first):stop(message)
  end
end

--- Frees everything; any number of times.
function overview:close()
  self.first:close()
  if self.second then
    self.second:close()
  end
end

local UNWATCHED = "Only counted: read from a stream, it was found too late to be analysed."
local STOPPED = "Only counted: the work ended before it could be analysed."

-- Nobody was told an address, which no server can help.
local function nameless(dns)
  local asked = dns and dns.questions or 0
  return asked > 0 and dns.answers == 0 and dns.unanswered == asked
    and (asked == 1 and " The only question for a name was not answered."
      or (" None of %s for names was answered."):format(amount.count(asked, "question"))) or ""
end

local function interpretation(result, troubled)
  local servers = amount.count(result.server_count, "server")
  if result.status == "no_tcp" then
    return result.total_packets == 0 and "No packet in this capture." or "No TCP in this capture."
  end
  local worst = worst_of(result.servers)
  local how_many
  if troubled > 0 then
    how_many = result.server_count == 1 and "The only server shows trouble"
      or ("%.0f of %s %s trouble"):format(troubled, servers, troubled == 1 and "shows" or "show")
  else
    how_many = result.servers_analysed == result.server_count and ("No trouble shows at %s"):format(
      result.server_count == 1 and "the only server" or "any of the " .. servers)
      or ("No trouble shows at the %.0f of %s that were analysed"):format(result.servers_analysed, servers)
    if not worst then
      return how_many .. "." .. nameless(result.beside.dns)
    end
    how_many = how_many .. ", but the capture has faults of its own"
  end
  return ("%s. %s: %s"):format(how_many, worst.server, worst.verdict) .. nameless(result.beside.dns)
end

--- The overview so far.
-- @tparam string file what was read, fit to be shown
-- @tparam[opt] table files the same one by one
-- @treturn[1] table the result
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function overview:result(file, files)
  local facts = self.facts
  if not facts then
    local message, code
    facts, message, code = first_facts(self)
    if not facts then
      return nil, message, code
    end
    self.facts = nil
  end
  local list, troubled, analysed = {}, 0, 0
  for i, counted in ipairs(facts.servers) do
    local row = self.rows[counted.server]
    if row then
      analysed = analysed + 1
      troubled = troubled + (row.severity ~= "none" and row.side ~= "capture" and 1 or 0)
    else
      row = rows.counted(counted, i > facts.chosen and "Only counted: others show more." or
        self.rereadable and STOPPED or UNWATCHED)
    end
    list[i] = rows.complete(row, counted)
  end
  rows.rank(list)
  for i = #list, self.shown + 1, -1 do
    list[i] = nil
  end
  local result = {
    schema_version = "1", kind = "overview", file = file, files = files,
    status = facts.capture.tcp_segments == 0 and "no_tcp" or "ok",
    analysis_timestamp = os.date("!%Y-%m-%dT%H:%M:%SZ"),
    total_packets = facts.capture.frames, tcp_packets_found = facts.capture.tcp_segments,
    server_count = facts.server_count, servers_analysed = analysed, servers_shown = #list, servers_troubled = troubled,
    readings = self.readings, servers = list, closed_hosts = facts.closed, closed_hosts_total = facts.closed_hosts,
    connections_of_others = facts.connections_of_others, beside = facts.beside, capture = facts.capture,
  }
  result.capture.connections_not_kept = facts.connections_not_kept
  result.interpretation = interpretation(result, troubled)
  return result
end

return overview
