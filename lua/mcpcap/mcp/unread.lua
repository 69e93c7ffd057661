--- Messages that are not read, because they are too long or hold too much, and the id that
-- whoever sent one waits for (JSON-RPC 2.0, 5).
--
-- The id is looked for in pieces of text, with no more of JSON than strings and depth; of a
-- key and an id a few hundred bytes are kept, and after so many marks it is given up.
-- @module mcpcap.mcp.unread

local ids = require "mcpcap.mcp.ids"
local json = require "mcpcap.json"

local unread = {}

local MAX_MARKS = 50000
-- Strings, braces and brackets that are looked at: less than a second of work.
local MAX_STEPS = 2000000
-- Longer ids are not worth an answer.
local MAX_KEPT = 512

--- Whether a text has more values, escapes and foreign letters than any message
-- that means us: reading it would take seconds, in which nobody else is served.
-- @tparam string text
-- @treturn boolean
function unread.is_expensive(text)
  local at = #text > MAX_MARKS and 1 or nil
  for _ = 0, MAX_MARKS do
    at = at and text:find("[,%[{\\\192-\255]", at)
    if not at then
      return false
    end
    at = at + 1
  end
  return true
end

local scan = {}
scan.__index = scan

-- Adds to what may be a key or an id; nothing when it grows too long.
local function keep(self, text, from, to)
  if self.kept then
    from, to = from or 1, to or #text
    local fits = #self.kept + to - from < MAX_KEPT
    self.kept = fits and self.kept .. text:sub(from, to) or nil
  end
end

-- The one value that a text holds, or nil.
local function value_of(text)
  local sources = {}
  local list = json.decode("[" .. text .. "]", sources)
  if not list or #list ~= 1 then
    return nil
  end
  ids.keep(list, 1, sources)
  return list[1]
end

-- What stood between two marks of the outermost object has ended.
function scan:end_of_item()
  if self.is_value and self.key == "id" and self.kept then
    local id = value_of(self.kept)
    self.id = ids.is_id(id) and id or nil
  end
  self.is_value, self.key, self.kept = false, nil, ""
end

-- Outside of strings: one of " { } [ ] : ,
function scan:mark(mark)
  if mark == '"' then
    self.in_string = true
    keep(self, mark)
  elseif mark == "{" or mark == "[" then
    self.depth = self.depth + 1
    self.kept = self.depth == 1 and "" or nil
  elseif mark == "}" or mark == "]" then
    if self.depth == 1 then
      self:end_of_item()
      self.is_whole = true
    end
    self.depth = self.depth - 1
  elseif self.depth == 1 and mark == "," then
    self:end_of_item()
  elseif self.depth == 1 and mark == ":" and not self.is_value then
    self.key, self.is_value = self.kept and value_of(self.kept), true
    self.kept = self.key == "id" and "" or nil
  end
end

--- Takes a piece of the text.
-- @tparam string text
function scan:feed(text)
  if not self.first then
    self.first = text:match("[^ \t\r]")
    self.is_over = self.first and self.first ~= "{"   -- a batch, or nothing that means us
  end
  local at = 1
  if self.is_escaped and #text > 0 then
    keep(self, text:sub(1, 1))
    self.is_escaped, at = false, 2
  end
  while at <= #text and not self.is_over do
    local set = self.in_string and '["\\]' or self.depth == 1 and '["{}%[%]:,]' or '["{}%[%]]'
    local hit = text:find(set, at)
    keep(self, text, at, (hit or #text + 1) - 1)
    if not hit then
      return
    end
    self.steps = self.steps + 1
    at = hit + 1
    local mark = text:sub(hit, hit)
    if not self.in_string then
      self:mark(mark)
    elseif mark == '"' then
      self.in_string = false
      keep(self, mark)
    else                               -- a backslash takes the next byte along
      keep(self, text, hit, at)
      self.is_escaped = at > #text
      at = at + 1
    end
    self.has_given_up = self.steps > MAX_STEPS
    self.is_over = self.has_given_up or self.is_whole or self.id ~= nil
  end
end

--- What is known of the request's id.
-- @tparam boolean has_batches whether the protocol has batches
-- @treturn ?string|integer the id
-- @treturn boolean whether somebody may wait for an answer that cannot be addressed: a batch,
-- or an object with too many marks before its id.  What ends without an id is a
-- notification, and what is cut short no message: nobody waits for those.
function scan:result(has_batches)
  if self.id ~= nil then
    return self.id, false
  end
  return nil, (has_batches and self.first == "[") or self.has_given_up or false
end

--- A new scan.
-- @treturn table with `feed` and `result`
function unread.scan()
  return setmetatable({ depth = 0, steps = 0, kept = "" }, scan)
end

--- The id in a whole text; see `scan:result`.
-- @tparam string text
-- @tparam boolean has_batches
-- @treturn ?string|integer
-- @treturn boolean
function unread.id_of(text, has_batches)
  local one = unread.scan()
  one:feed(text)
  return one:result(has_batches)
end

return unread
