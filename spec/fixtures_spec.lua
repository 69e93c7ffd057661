-- The bundled captures against what tshark counts on them.  A capture more needs no line here.

local json = require "mcpcap.json"
local lfs = require "lfs"
local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local folder = here .. "fixtures/"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function expectations()
  local list = {}
  for name in lfs.dir(folder) do
    if name:match("%.expected%.json$") then
      list[#list + 1] = assert(json.decode(read(folder .. name)))
    end
  end
  table.sort(list, function(a, b) return a.file < b.file end)
  return list
end

-- The counters of 'source' that are expected, and no others.
local function pick(source, expected)
  local picked = {}
  for way, fields in pairs(expected) do
    picked[way] = {}
    for name in pairs(fields) do
      picked[way][name] = source[way][name]
    end
  end
  return picked
end

describe("the bundled captures", function()
  local list = expectations()

  it("are there", function()
    assert.is_true(#list >= 20)
  end)

  for _, known in ipairs(list) do
    local path = folder .. known.file

    it(known.file .. " counts as tshark does, with the port", function()
      local result = assert(mcpcap.analyze_traffic_flow(path, known.server_ip, known.server_port))
      assert.same(pick(known.with_port, known.with_port), pick(result, known.with_port))
    end)

    it(known.file .. " counts as tshark does, without the port", function()
      local result = assert(mcpcap.analyze_traffic_flow(path, known.server_ip))
      assert.same(pick(known.without_port, known.without_port), pick(result, known.without_port))
    end)
  end
end)
