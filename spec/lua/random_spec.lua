-- Random traffic: the product against the rules written down once more, and both
-- against tshark where there is one.  spec/models/cross_check.lua does the same by
-- hand for any number of seeds.

local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local compare_random = dofile(here .. "../models/compare_random.lua")

local WITH_RULES = 150
local TSHARK_FIRST, TSHARK_LAST = 23, 38 -- two of them hold what is flagged otherwise on purpose (D7, D8)

local function make(seed)
  local capture = compare_random.random_tcp.make(compare_random.craft, seed)
  return capture, capture:save()
end

describe("random traffic", function()
  it("is counted as the rules say", function()
    for seed = 1, WITH_RULES do
      local capture, path = make(seed)
      local result = mcpcap.analyze_traffic_flow(path, capture.sides.s.ip, 7777, { connections = 1000000 })
      os.remove(path)
      local differences = compare_random.with_rules(capture, assert(result))
      assert.are.equal("", table.concat(differences, "; "), "seed " .. seed)
    end
  end)

  local version = compare_random.tshark.version() or "none"
  local name = "is flagged by the rules as by tshark 4.0"
  if not version:find("^4%.0%.") then
    pending(name .. " (tshark here: " .. version .. ")")
    return
  end

  it(name, function()
    local on_purpose = 0
    for seed = TSHARK_FIRST, TSHARK_LAST do
      local capture, path = make(seed)
      local differences, deviating = compare_random.with_tshark(capture, path)
      os.remove(path)
      on_purpose = on_purpose + deviating
      assert.are.equal("", table.concat(differences, "; "), "seed " .. seed)
    end
    assert.is_true(on_purpose > 0)
  end)
end)
