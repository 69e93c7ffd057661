--- Cuts captures at random, reads each piece alone, joins the parts in a random tree, and compares the report on what
-- comes of it with one reading of the pieces in order.
--
--     lua5.4 spec/models/split_check.lua FIRST_SEED LAST_SEED <LIST
--
-- LIST has lines of capture, address and port (or nothing: all ports), tabs between them; each seed takes one of them.
-- The module must be on the path.

local here = arg[0]:match("^(.*/)") or "./"
local cutting = dofile(here .. "../lua/cutting.lua")
local core = require "mcpcap.core"
local json = require "mcpcap.json"
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local MOST_PIECES, MOST_BYTES = 64, 4194304

local function read(path)
  local file = io.open(path, "rb")
  local bytes = file and file:read(MOST_BYTES + 1)
  if file then
    file:close()
  end
  return bytes and #bytes <= MOST_BYTES and bytes
end

local list = {}
for line in io.lines() do
  local path, ip, port = line:match("^([^\t]+)\t([^\t]+)\t?(%d*)")
  local bytes = path and read(path)
  if bytes then
    local _, records = cutting.records_of(bytes)
    if records and #records > 1 then
      list[#list + 1] = { path = path, ip = ip, port = tonumber(port), records = #records }
    end
  end
end

local function finished(session)
  local state, message
  repeat
    state, message = session:step()
  until state ~= "more"
  assert(state, message)
  return session
end

local function plain(result)
  result.analysis_timestamp = nil
  return json.encode(report.plain(result))
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  assert(file:write(bytes))
  assert(file:close())
end

-- One split; true, or what was wrong.
local function holds(one, folder)
  local files = {}
  local function name(kind, n)
    files[#files + 1] = ("%s.%s%d"):format(folder, kind, n)
    return files[#files]
  end
  local count = math.random(2, math.min(MOST_PIECES, one.records))
  local ends = {}
  for i = 1, count - 1 do
    ends[i] = math.random(0, one.records)
  end
  table.sort(ends)
  local pieces, parts = cutting.cut(read(one.path), ends), {}
  for i, bytes in ipairs(pieces) do
    pieces[i] = name("piece", i)
    write(pieces[i], bytes)
  end
  local ok, message = pcall(function()
    local want = plain(assert(mcpcap.analyze_traffic_flow(pieces, one.ip, one.port)))
    for i, piece in ipairs(pieces) do
      parts[i] = name("part", i)
      local session = finished(assert(mcpcap.open(piece, one.ip, one.port,
        { save = parts[i], alone = true, piece = i, pieces = count })))
      assert(session:save(parts[i]))
      session:close()
    end
    while #parts > 1 do                          -- neighbours, until one is left
      local at = math.random(1, #parts - 1)
      local many = math.random(2, math.min(4, #parts - at + 1))
      local some, all = {}, name("join", #files)
      for i = 1, many do
        some[i] = table.remove(parts, at)
      end
      assert(core.state_join(some, all))
      table.insert(parts, at, all)
    end
    local session = finished(assert(mcpcap.open({}, one.ip, one.port, { state = parts[1] })))
    local got = plain((session:result()))
    session:close()
    assert(got == want, "another result")
  end)
  for _, file in ipairs(files) do
    os.remove(file)
  end
  return ok or message, count
end

local first, last = assert(tonumber(arg[1])), assert(tonumber(arg[2]))
local folder, bad, refused, pieces = os.tmpname(), 0, 0, 0
for seed = first, last do
  math.randomseed(seed)
  local one = list[math.random(1, #list)]
  local said, count = holds(one, folder)
  pieces = pieces + count
  if said ~= true then
    if said:find("only the captures have it", 1, true) then
      refused = refused + 1                      -- docs/state.md says when
    else
      bad = bad + 1
    end
    print(("seed %d, %s in %d pieces: %s"):format(seed, one.path, count, said))
  end
end
os.remove(folder)
print(("%d splits of %d captures into %d pieces: %d differ, %d refused"):format(
  last - first + 1, #list, pieces, bad, refused))
os.exit(bad == 0 and 0 or 1)
