-- What no verdict may depend on: the numbers that a stack draws, and what stands in front of IP.  Each bundled
-- capture and each case of a finding once more with other sequence numbers, timestamps, identifications and a VLAN tag.

local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "../bundled.lua")
local craft = dofile(here .. "../craft.lua")
local pieces = dofile(here .. "pieces.lua")
local shifting = dofile(here .. "shifting.lua")

-- Both sides' numbers wrap early; the second has them far apart, and the upper half.
local WAYS = {
  { seq = { 4294966000, 4294960000 }, ts = { 4294967000, 4294960000 }, id = { 65000, 33000 }, vlan = true },
  { seq = { 305419896, 2596069104 }, ts = { 2147418112, 2415919105 }, id = { 40000, 12345 } },
}

local function said(result)
  local lines = {}
  for i, finding in ipairs(result.analysis.findings) do
    lines[i] = table.concat({ finding.id, finding.severity, finding.side, finding.confidence }, " ")
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

-- Of the capture in `path`; how often it was asked.
local function check(name, path, ip, port, options)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  local want, asked = nil, 0
  for _, way in ipairs(WAYS) do
    local shifted = shifting.shift(bytes, craft.address(ip), way)
    if shifted then
      local other = os.tmpname()
      file = assert(io.open(other, "wb"))
      file:write(shifted)
      file:close()
      local result, message = mcpcap.analyze_traffic_flow(other, ip, port, options)
      os.remove(other)
      want = want or said(assert(mcpcap.analyze_traffic_flow(path, ip, port, options)))
      assert(result, message)
      assert.equal(want, said(result), name)
      asked = asked + 1
    end
  end
  return asked
end

describe("with other numbers", function()
  it("the bundled captures tell the same", function()
    local asked = 0
    for _, known in ipairs(bundled.list()) do
      asked = asked + check(known.file, known.path, known.server_ip, known.port)
    end
    assert.truthy(asked >= 50)
  end)

  it("the cases of findings tell the same", function()
    local asked = 0
    for _, case in ipairs(pieces.load()) do
      if not case.alter and not case.cut then
        local capture = case.make()
        local path, port = capture:save(), case.port
        if port == nil then
          port = capture.sides.s.port
        end
        local ok, message = pcall(function()
          asked = asked + check(case.id .. ", " .. case.about, path, capture.sides.s.ip, port or nil, case.options)
        end)
        os.remove(path)
        assert(ok, message)
      end
    end
    assert.truthy(asked >= 1000)
  end)
end)
