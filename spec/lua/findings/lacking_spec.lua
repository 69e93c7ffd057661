-- What a part of a capture, or a poorer one, must not say: with high confidence that a side is at fault which nothing
-- in the whole speaks against.  Each bundled capture and each case of a finding, once for each way of lacking.lua.

local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "../bundled.lua")
local craft = dofile(here .. "../craft.lua")
local lacking = dofile(here .. "lacking.lua")
local pieces = dofile(here .. "pieces.lua")

-- What the packets that are left can only be taken for: by case, the way.
local ALLOWED = {
  -- the answer to the last copy is what is missing
  ["each copy is answered at once"] = "ended early",
  -- the timestamps are what is missing
  ["one record again and again, whose clock stands still"] = "54 bytes of each",
  -- four of each, of other lengths: as at two points, and not as at two points
  ["two points, one of them with joined segments"] = "all twice",
  ["three interfaces of a router that cuts joined segments"] = "all twice",
}

local function speaks(finding)
  return finding.severity ~= "info" and finding.side ~= "capture"
end

-- The sides that findings name at all.
local function named(result)
  local sides = {}
  for _, finding in ipairs(result.analysis.findings) do
    sides[finding.side] = true
  end
  return sides
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

-- Of the capture in `path`; how often it was asked.  What is wrong is added to 'wrong'.
local function check(wrong, name, path, ip, port, options, allowed)
  local bytes = read(path)
  local head, records = lacking.records_of(bytes)
  if not head or bytes:sub(1, 4) ~= "\212\195\178\161" and bytes:sub(1, 4) ~= "\77\60\178\161" then
    return 0
  end
  local whole, asked = nil, 0
  for _, way in ipairs(lacking.ways) do
    local other = way.make(head, records, craft.address(ip))
    if other then
      local temporary = os.tmpname()
      local file = assert(io.open(temporary, "wb"))
      file:write(other)
      file:close()
      local result, message = mcpcap.analyze_traffic_flow(temporary, ip, port, options)
      os.remove(temporary)
      assert(result, message)
      asked = asked + 1
      whole = whole or named(assert(mcpcap.analyze_traffic_flow(path, ip, port, options)))
      for _, finding in ipairs(result.analysis.findings) do
        if speaks(finding) and finding.confidence == "high" and not whole[finding.side] and way.name ~= allowed then
          wrong[#wrong + 1] = ("%s, %s: %s (%s): %s"):format(name, way.name, finding.id, finding.side, finding.text)
        end
      end
    end
  end
  return asked
end

describe("a poorer capture", function()
  it("of the bundled ones accuses nobody for sure whom the whole does not name", function()
    local asked, wrong = 0, {}
    for _, known in ipairs(bundled.list()) do
      asked = asked + check(wrong, known.file, known.path, known.server_ip, known.port)
    end
    assert.are.same({}, wrong)
    assert.truthy(asked >= 200)
  end)

  it("of the cases of findings does not either", function()
    local asked, wrong = 0, {}
    for _, case in ipairs(pieces.load()) do
      if not case.alter and not case.cut then
        local capture = case.make()
        local path, port = capture:save(), case.port
        if port == nil then
          port = capture.sides.s.port
        end
        local ok, message = pcall(function()
          asked = asked + check(wrong, case.id .. ", " .. case.about, path, capture.sides.s.ip, port or nil,
            case.options, ALLOWED[case.about])
        end)
        os.remove(path)
        assert(ok, message)
      end
    end
    assert.are.same({}, wrong)
    assert.truthy(asked >= 5000)
  end)
end)
