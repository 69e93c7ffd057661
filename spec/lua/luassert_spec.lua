-- The assertions for busted.

local mcpcap = require "mcpcap"
require "mcpcap.luassert"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"

local function of(name)
  return assert(mcpcap.analyze_traffic_flow(here .. "../fixtures/" .. name, "192.0.2.80", 80))
end

-- What a call raises, with the place that it names.
local function raised(call, result, wanted)
  local ok, message = pcall(function()
    call(result, wanted)
  end)
  assert.is_false(ok)
  return tostring(type(message) == "table" and message.message or message)
end

describe("the assertions about results", function()
  local lossy, clean

  setup(function()
    lossy, clean = of("loss-to-client-before.pcap"), of("clean-http.pcap")
  end)

  it("hold for what is there", function()
    assert.has_finding(lossy, "loss_to_client")
    assert.has_finding(lossy, "warning")
    assert.has_no_finding(lossy, "slow_server")
    assert.has_no_finding(clean, "warning")
    assert.no_trouble(clean)
  end)

  it("fail for what is not, and say what was found", function()
    local text = raised(assert.has_finding, lossy, "slow_server")
    assert.matches('Expected a finding "slow_server"; found:', text, 1, true)
    assert.matches("loss_to_client [", text, 1, true)
    assert.matches('no finding "loss_to_client"', raised(assert.has_no_finding, lossy, "loss_to_client"), 1, true)
    assert.matches("no trouble", raised(assert.no_trouble, lossy), 1, true)
    assert.matches('status "no_match"', raised(assert.no_trouble,
      assert(mcpcap.analyze_traffic_flow(here .. "../fixtures/clean-http.pcap", "203.0.113.9"))), 1, true)
  end)

  for _, name in ipairs { "has_finding", "has_no_finding" } do
    it("refuse an id that no rule has: " .. name, function()
      local text = raised(assert[name], lossy, "server_slow")
      assert.matches(("bad argument #2 to '%s' (no finding has the id 'server_slow'; did you mean slow_server?)")
        :format(name), text, 1, true)
      assert.matches("luassert_spec.lua:", text, 1, true)
      assert.matches("no finding has the id 'xyz')", raised(assert[name], lossy, "xyz"), 1, true)
      assert.matches("no finding has the id 'Error')", raised(assert[name], lossy, "Error"), 1, true)
      assert.matches("string expected, got nil", raised(assert[name], lossy), 1, true)
      assert.matches("a result of analyze_traffic_flow expected, got nil", raised(assert[name], nil, "error"), 1, true)
    end)
  end

  it("document ids that exist", function()
    local file = assert(io.open(here .. "../../lua/mcpcap/luassert.lua"))
    local text = file:read("*a")
    file:close()
    for id in text:gmatch('%-%-     assert%.has_finding%(result, "([%w_]+)"%)') do
      assert.has_no_finding(clean, id)
    end
  end)
end)
