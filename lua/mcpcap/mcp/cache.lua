--- Results that were worked out before, for a question that is asked again: in another format, or by another tool.
--
-- A result is kept under all that it depends on: what was asked, and of each file its place on the disk, size and
-- times.  A file that changes while it is read, a URL, and a result that is not whole are asked anew.  The last few are
-- kept, as copies, so that nobody changes them.
-- @module mcpcap.mcp.cache

local json = require "mcpcap.json"

local cache = {}

local MOST = 4

local kept = {}
kept.__index = kept

--- Makes an empty one.
-- @tparam function stamp of a path: a text that changes with the file, or nil where there is no such file
-- @treturn table with `key`, `get` and `put`
function cache.new(stamp)
  return setmetatable({ stamp = stamp, list = {} }, kept)
end

--- What finds out whether a file has changed.
-- @tparam table uv the module luv
-- @treturn function
function cache.stamper(uv)
  return function(path)
    local s = uv.fs_stat(path)
    return s and s.type == "file" and ("%s %s %s %s.%s %s.%s"):format(s.dev, s.ino, s.size, s.mtime.sec, s.mtime.nsec,
      s.ctime.sec, s.ctime.nsec) or nil
  end
end

local function copy(value)
  if type(value) ~= "table" or value == json.null then
    return value
  end
  local out = {}
  for key, inner in pairs(value) do
    out[key] = copy(inner)
  end
  return setmetatable(out, getmetatable(value))
end

--- What a result is kept under.
-- @tparam string kind of question
-- @tparam string|table files
-- @tparam table asked everything else that the result depends on, without functions
-- @treturn ?string nil: such a result is not kept
function kept:key(kind, files, asked)
  local words = { kind, json.encode(asked) }
  for _, path in ipairs(type(files) == "table" and files or { files }) do
    local stamp = type(path) == "string" and self.stamp(path)
    if not stamp then
      return nil
    end
    words[#words + 1] = path .. "\0" .. stamp
  end
  return table.concat(words, "\0\0")
end

--- The result of that key.
-- @tparam ?string key
-- @treturn ?table
function kept:get(key)
  for i, one in ipairs(self.list) do
    if one.key == key then
      table.insert(self.list, 1, table.remove(self.list, i))
      return copy(one.result)
    end
  end
  return nil
end

--- Keeps a result.
-- @tparam ?string key
-- @tparam table result
function kept:put(key, result)
  if key and type(result) == "table" then
    table.insert(self.list, 1, { key = key, result = copy(result) })
    self.list[MOST + 1] = nil
  end
end

return cache
