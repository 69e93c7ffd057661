-- Random traffic: the product against the rules written down once more, and both
-- against tshark where there is one.  spec/models/cross_check.lua does the same by
-- hand for any number of seeds.

local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local compare_random = dofile(here .. "../../models/compare_random.lua")

local RULES = { "wireshark-4.0", "wireshark-4.4", "wireshark-4.6" }
local WITH_RULES = 100
local TSHARK_FIRST, TSHARK_LAST = 23, 38 -- two of them hold what is flagged otherwise on purpose (D7, D8)

local function make(seed)
  local capture = compare_random.random_tcp.make(compare_random.craft, seed)
  return capture, capture:save()
end

describe("random traffic", function()
  it("is counted as each set of rules says", function()
    for seed = 1, WITH_RULES do
      local capture, path = make(seed)
      for _, rules in ipairs(RULES) do
        local options = { connections = 1000000, rules = rules }
        local result = mcpcap.analyze_traffic_flow(path, capture.sides.s.ip, 7777, options)
        local differences = compare_random.with_rules(capture, assert(result))
        assert.are.equal("", table.concat(differences, "; "), ("seed %d, %s"):format(seed, rules))
      end
      os.remove(path)
    end
  end)

  local version = compare_random.tshark.version() or "none"
  local rules = compare_random.tshark.rules(version)
  local name = "is flagged by the rules as by the tshark at hand"
  if not rules then
    pending(name .. " (tshark here: " .. version .. ")")
    return
  end

  it(name .. " #tshark", function()
    local on_purpose, captures = 0, {}
    for seed = TSHARK_FIRST, TSHARK_LAST do
      captures[#captures + 1] = compare_random.random_tcp.make(compare_random.craft, seed, #captures)
    end
    for i, found in ipairs(compare_random.with_tshark(captures, rules)) do
      on_purpose = on_purpose + found.on_purpose
      assert.are.equal("", table.concat(found.differences, "; "), "seed " .. TSHARK_FIRST + i - 1)
    end
    assert.is_true(on_purpose > 0)
  end)
end)
