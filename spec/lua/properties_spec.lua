-- What must hold of every result: sums that agree, numbers that are numbers, the same
-- result each time and however the work is cut.

local json = require "mcpcap.json"
local lfs = require "lfs"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "craft.lua")
local properties = dofile(here .. "../models/properties.lua")
local random_tcp = dofile(here .. "../models/random_tcp.lua")

local SLICES = { 1, 7, 1000 }
local RANDOM = 40

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function fixtures()
  local names = {}
  for name in lfs.dir(here .. "../fixtures") do
    names[#names + 1] = name:match("^(.*)%.expected%.json$")
  end
  table.sort(names)
  return names
end

describe("every result", function()
  for _, name in ipairs(fixtures()) do
    it("adds up: " .. name, function()
      local expected = assert(json.decode(read(here .. "../fixtures/" .. name .. ".expected.json")))
      local path = here .. "../fixtures/" .. expected.file
      for _, port in ipairs({ expected.server_port, false }) do
        local failures, result = properties.check(path, expected.server_ip, port or nil, SLICES)
        assert.are.same({}, failures)
        assert.are.equal("ok", result.status)
      end
    end)
  end

  it("adds up: random traffic", function()
    for seed = 5001, 5000 + RANDOM do
      local capture = random_tcp.make(craft, seed)
      local path = capture:save()
      local failures = properties.check(path, capture.sides.s.ip, seed % 2 == 0 and 7777 or nil, SLICES)
      os.remove(path)
      assert.are.same({}, failures, "seed " .. seed)
    end
  end)

  it("adds up: an empty capture, one without TCP, one without the server", function()
    for _, capture in ipairs({ craft.new(), craft.new():raw(("\2"):rep(60)), craft.new():hs() }) do
      local path = capture:save()
      local failures = properties.check(path, "192.0.2.9", 80, SLICES)
      os.remove(path)
      assert.are.same({}, failures)
    end
  end)
end)
