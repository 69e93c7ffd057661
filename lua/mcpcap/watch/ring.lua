--- A ring of capture files, as `tcpdump -C`, `-G` and `-W` and `dumpcap -b` write it: which
-- files are new, in which order, and which are gone unread.
--
-- A ring looks at a listing, and at the first bytes of what has changed.  The order is that of the last
-- change, and of the names where that is the same; the newest file is the one that is being written.
-- @module mcpcap.watch.ring

local ring = {}
ring.__index = ring

-- Names of captures in a folder that holds other files too; tcpdump -C puts a number behind.
local ENDINGS = { "%.pcap%d*$", "%.pcapng%d*$", "%.cap%d*$", "%.dmp%d*$", "%.pcap%.gz$", "%.pcapng%.gz$" }

local function is_capture(name)
  local lower = name:lower()
  for _, ending in ipairs(ENDINGS) do
    if lower:find(ending) then
      return true
    end
  end
  return false
end

-- A pattern of the shell's as one of Lua's: * and ? and [sets].
local function pattern_of(glob)
  local inside = false
  return "^" .. glob:gsub(".", function(c)
    if inside then
      inside = c ~= "]"
      return c == "!" and "^" or c == "%" and "%%" or nil
    elseif c == "[" then
      inside = true
      return nil
    end
    return c == "*" and ".*" or c == "?" and "." or c:find("%p") and "%" .. c or nil
  end) .. "$"
end

-- Numbers in names compare as numbers: x2 stands before x10.
local function natural(name)
  return (name:gsub("%d+", function(digits)
    local short = digits:gsub("^0+", "")
    return ("%03d%s"):format(#short, short)
  end))
end

local function stands_before(a, b)
  if a.changed ~= b.changed then
    return a.changed < b.changed
  end
  return natural(a.name) < natural(b.name)
end

-- The number that dumpcap gives a file of its ring, and what it belongs to.
local function serial_of(name)
  local prefix, number = name:match("^(.*)_(%d%d%d%d%d+)_%d%d%d%d%d%d%d%d%d%d%d%d%d%d")
  if not number or #number > 9 then
    return nil
  end
  return prefix, tonumber(number)
end

--- A ring.
-- @tparam string place a folder, or a pattern of the shell's whose last part only has wildcards
-- @tparam function list gives for a folder an array of regular files `{ name, id, size, changed }`
-- (`id` stands for one file, whatever it is called by now; `changed` is a number), or nil and a message
-- @tparam[opt] function head gives the first bytes of a file, a path, or nil
-- @treturn table
function ring.new(place, list, head)
  local folder, glob = place:match("^(.*)/([^/]*[%*%?%[][^/]*)$")
  if not folder then
    folder, glob = place:find("[%*%?%[]") and "." or place, place:match("^[^/]*[%*%?%[][^/]*$")
  end
  if glob and glob:find("%[[^%]]*$") then -- a bracket that is not closed is none, as in a shell
    folder, glob = place, nil
  end
  return setmetatable({
    folder = folder == "" and "/" or folder, pattern = glob and pattern_of(glob), list = list,
    head = head or function() end, seen = {}, serials = {}, names = {},
  }, ring)
end

function ring:is_wanted(name)
  if self.pattern then
    return name:find(self.pattern) ~= nil
  end
  return is_capture(name)
end

function ring:path_of(file)
  return (self.folder == "." and "" or self.folder == "/" and "/" or self.folder .. "/") .. file.name
end

-- A file that is written anew, as tcpdump -W does with its oldest one: it begins at nothing again, or, where it has
-- grown past its old length meanwhile, with another packet.  One that only grows is another writer's.
function ring:is_anew(before, file)
  if file.changed == before.changed and file.size == before.size then
    return false
  end
  local first = self.head(self:path_of(file)) or ""
  local is_other = before.first and first:sub(1, #before.first) ~= before.first
  file.first = first
  return is_other or file.size < before.size or file.size == before.size and file.changed > before.changed
end

-- Serial numbers that nobody has seen between the last one and this one.
function ring:note_serial(file, lost)
  local prefix, number = serial_of(file.name)
  if not prefix then
    return
  end
  local last = self.serials[prefix]
  if last and number > last + 1 then
    lost[#lost + 1] = number == last + 2 and ("%s_%05d"):format(prefix, last + 1)
      or ("%s_%05d to %05d"):format(prefix, last + 1, number - 1)
  end
  if not last or number > last then
    self.serials[prefix] = number
  end
end

local function stem_of(name)
  return name:match("^(.*)%.gz$") or name:match("^(.*)%.zst$") or name:match("^(.*)%.xz$")
end

-- The names of now, and those that only their compressed files still tell of.
function ring:names_of(files)
  local names = {}
  for _, file in ipairs(files) do
    names[file.name] = true
  end
  for _, file in ipairs(files) do
    local stem = stem_of(file.name)
    if stem and self.names[stem] then
      names[stem] = true
    end
  end
  return names
end

--- What has changed since the last look.
-- @treturn[1] table paths of the new files, in the order in which they are to be read
-- @treturn[1] table names of files that came and went between two looks, as far as their numbers tell
-- @treturn[2] nil
-- @treturn[2] string message
function ring:look()
  local files, message = self.list(self.folder)
  if not files then
    return nil, message
  end
  local fresh, seen, lost, newest = {}, {}, {}, nil
  self.names = self:names_of(files)
  for _, file in ipairs(files) do
    if self:is_wanted(file.name) then
      local before, stem = self.seen[file.id], stem_of(file.name)
      if before and not self:is_anew(before, file) then
        before.size, before.changed, before.first = file.size, file.changed, file.first or before.first
        file = before
      elseif before or not (stem and self.names[stem]) then -- not one that has been compressed since
        file.first = file.first or self.head(self:path_of(file))
        fresh[#fresh + 1] = file
        if before and before == self.newest then -- the whole ring has come round since
          lost[#lost + 1] = file.name .. " (its rest)"
        end
      end
      seen[file.id] = file
      if not newest or stands_before(newest, file) then
        newest = file
      end
    end
  end
  self.seen, self.newest = seen, newest
  table.sort(fresh, stands_before)
  local paths = {}
  for i, file in ipairs(fresh) do
    self:note_serial(file, lost)
    paths[i] = self:path_of(file)
  end
  return paths, lost
end

return ring
