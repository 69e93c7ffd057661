--- Follows a capture while it is written: a pipe, or a ring of files as tcpdump and dumpcap
-- write it.  Each file is read once, in one session; the result may be asked at any time.
--
--     local watch = assert(watching.open("/var/cap", "192.0.2.80", 443, nil, { list = list }))
--     while watch:step(50000, 100) ~= "done" do
--       local news = watch:news() -- nil while nothing has come
--     end
-- @module mcpcap.watch

local mcpcap = require "mcpcap"
local ring = require "mcpcap.watch.ring"

local watching = {}

local watch = {}
watch.__index = watch

-- Files that the session holds open behind the one that it reads: what a ring deletes
-- meanwhile is not lost.
local AHEAD = 16

-- Seconds between two looks: a tenth where a look costs nothing, as a small ring may have come round within a second,
-- and at most one; a look has a twentieth of the time.
local LOOK_LEAST, LOOK_MOST, LOOK_SHARE = 0.1, 1, 20

local function open_session(self, input)
  local options = { follow = true }
  for key, value in pairs(self.options or {}) do
    options[key] = value
  end
  local session, message, code = mcpcap.open(input, self.server, self.port, options)
  if session then
    session.file, session.files = self.place, nil
    self.session, self.given = session, 1
  end
  return session, message, code
end

--- Begins to follow.
-- @tparam string|file place a folder, a pattern of the shell's, or an open stream
-- @tparam string server IPv4 or IPv6 address
-- @tparam[opt] integer port
-- @tparam[opt] table options of `mcpcap.open`
-- @tparam table surroundings `list`, `head`: see `mcpcap.watch.ring`; `clock`: seconds, for the looks
-- @treturn[1] watch
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function watching.open(place, server, port, options, surroundings)
  local self = setmetatable({
    server = server, port = port, options = options, clock = surroundings.clock or os.time,
    place = type(place) == "string" and place or "-", waiting = {}, lost = {}, given = 0,
    told = { packets = 0, inputs = 0, findings = {} },
  }, watch)
  if type(place) == "string" then
    self.ring = ring.new(place, surroundings.list, surroundings.head)
    local ok, message, code = self:look()
    return ok and self or nil, message, code
  end
  local session, message, code = open_session(self, place)
  if session then
    session:finish()
  end
  return session and self or nil, message, code
end

-- Takes the files that are new into the list of those that wait.
function watch:look()
  local began = self.clock()
  local fresh, lost = self.ring:look()
  if not fresh then
    return nil, lost, "io"
  end
  for _, path in ipairs(fresh) do
    self.waiting[#self.waiting + 1] = path
  end
  for _, name in ipairs(lost) do
    self.lost[#self.lost + 1] = name
  end
  self.looked = self.clock()
  self.pause = math.max(LOOK_LEAST, math.min(LOOK_MOST, LOOK_SHARE * (self.looked - began)))
  return true
end

-- Gives the session what waits, as far as it has room; or all of it.
function watch:give(all)
  while self.waiting[1] and (all or not self.session or self.given < self.session:inputs() + AHEAD) do
    local path = table.remove(self.waiting, 1)
    local ok, message, code
    if self.session then
      ok, message, code = self.session:add(path)
      self.given = self.given + (ok and 1 or 0)
    else
      ok, message, code = open_session(self, path)
    end
    if not ok and code == "not_found" then
      self.lost[#self.lost + 1] = path
    elseif not ok then
      return nil, message, code
    end
  end
  return true
end

--- Does a bounded slice of work.
-- @tparam integer budget packets at most
-- @tparam integer wait_ms how long an idle source is waited for
-- @treturn[1] string "more", "done", or "empty": no file has come yet
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function watch:step(budget, wait_ms)
  if self.ring and not self.over then
    local ok, message, code = true, nil, nil
    if self.clock() - self.looked >= self.pause then
      ok, message, code = self:look()
    end
    if ok then
      ok, message, code = self:give()
    end
    if not ok then
      return nil, message, code
    end
  end
  if not self.session then
    return self.over and "done" or "empty"
  end
  return self.session:step(budget, wait_ms)
end

--- Files that are there are read to their end, and no more are looked for; a pipe is left where it is.
function watch:finish()
  if self.ring and not self.over then
    self:look()
    self:give(true)
  end
  self.over = true
  if self.session and self.ring then
    self.session:finish()
  elseif self.session then
    self.session:stop("ended by who watches")
  end
end

local function by_id(result)
  local ids = {}
  for _, finding in ipairs(result.analysis.findings) do
    ids[finding.id] = finding
  end
  return ids
end

-- Findings that were not there before, or are graver now; in the order of the report.
local function graver(result, before)
  local rank, out = { info = 1, warning = 2, error = 3 }, {}
  for _, finding in ipairs(result.analysis.findings) do
    local old = before[finding.id]
    if not old or rank[finding.severity] > rank[old.severity] then
      out[#out + 1] = finding
    end
  end
  return out
end

--- The result so far, and what is new in it since it was last asked for.
-- @treturn[1] table `result`, `reason` (why it is partial, or nil), and `watch`: `inputs` read or being read,
-- `waiting`, `lost` (names, each told once), `new_packets`, `new_findings` and `gone_findings` (ids), `new` (those
-- findings)
-- @treturn[2] nil nothing has come since
function watch:news()
  if not self.session then
    return nil
  end
  local result, reason = self.session:result()
  local told, inputs = self.told, self.session:inputs()
  if not result or result.total_packets == told.packets and inputs == told.inputs and #self.lost == 0 then
    return nil
  end
  local now, new, news = by_id(result), graver(result, told.findings), {}
  for i, finding in ipairs(new) do
    news[i] = finding.id
  end
  local gone = {}
  for id in pairs(told.findings) do
    gone[#gone + 1] = not now[id] and id or nil
  end
  table.sort(gone)
  local lost = self.lost
  self.lost = {}
  self.told = { packets = result.total_packets, inputs = inputs, findings = now }
  return {
    result = result, reason = reason, new = new,
    watch = {
      inputs = inputs, waiting = self.given - inputs + #self.waiting, lost = lost,
      new_packets = result.total_packets - told.packets, new_findings = news, gone_findings = gone,
    },
  }
end

--- Frees everything.
function watch:close()
  if self.session then
    self.session:close()
  end
end

return watching
