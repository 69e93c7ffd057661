-- The bundled captures against what tshark counts on them, and against what the
-- laboratory did to the traffic.  A capture more needs no line here.

local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "../bundled.lua")

-- Whom the top finding is about; a finding of severity "info" blames nobody.
local function blamed(result)
  local top = result.analysis.findings[1]
  local sides = { none = top == nil or top.severity == "info" }
  if top then
    sides[top.side] = true
  end
  return sides, top and top.id or "no finding"
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

-- the version of tshark that the expectations were taken from
local RULES = { rules = "wireshark-4.0" }

describe("the bundled captures", function()
  local list = bundled.list()

  it("are there", function()
    assert.is_true(#list >= 20)
  end)

  for _, known in ipairs(list) do
    it(known.file .. " counts as tshark does, with the port", function()
      local result = assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.server_port, RULES))
      assert.same(pick(known.with_port, known.with_port), pick(result, known.with_port))
    end)

    it(known.file .. " counts as tshark does, without the port", function()
      local result = assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, nil, RULES))
      assert.same(pick(known.without_port, known.without_port), pick(result, known.without_port))
    end)

    it(known.file .. " is blamed on " .. table.concat(known.truth.side, " or "), function()
      local sides, id = blamed(assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.port)))
      local right = false
      for _, side in ipairs(known.truth.side) do
        right = right or sides[side]
      end
      assert.is_true(right, "the top finding is " .. id)
    end)

    if known.truth.late_segments then
      it(known.file .. " has as many late segments of each kind as the link made", function()
        local result = assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.server_port))
        for way, kinds in pairs(known.truth.late_segments) do
          for kind, count in pairs(kinds) do
            assert.equal(count, result[way].late_segments[kind], way .. " " .. kind)
          end
        end
      end)
    end
  end
end)
