-- What must hold of every result: sums that agree, numbers that are numbers, the same
-- result each time and however the work is cut.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "bundled.lua")
local craft = dofile(here .. "craft.lua")
local properties = dofile(here .. "../models/properties.lua")
local random_tcp = dofile(here .. "../models/random_tcp.lua")

local SLICES = { 1, 7, 1000 }
local RANDOM = 40

describe("every result", function()
  for _, known in ipairs(bundled.list()) do
    it("adds up: " .. known.file, function()
      for _, port in ipairs({ known.server_port, false }) do
        local failures, result = properties.check(known.path, known.server_ip, port or nil, SLICES)
        assert.are.same({}, failures)
        assert.are.equal("ok", result.status)
      end
    end)
  end

  it("is judged the same, however many connections are to be shown", function()
    local mcpcap = require "mcpcap"
    local shown = 0
    for _, known in ipairs(bundled.list()) do
      local words = {}
      for i, rows in ipairs { 10, 0, 3, 500 } do
        local options = { connections = rows }
        local result = assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.port, options))
        assert.are.equal(math.min(rows, result.connection_count), #result.connections)
        assert.is_nil(result.rows_wanted)
        shown = shown + #result.connections
        words[i] = result.analysis.interpretation
        for _, finding in ipairs(result.analysis.findings) do
          words[i] = ("%s|%s %s %s"):format(words[i], finding.id, finding.severity, finding.confidence) .. finding.text
        end
        assert.are.equal(words[1], words[i], known.file)
      end
    end
    assert.truthy(shown > 100)
  end)

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
