-- A regression test over a capture, for busted.  Of your own: take the capture in the
-- integration test, then say here what must not be in it.
--
--     lua5.4 /usr/bin/busted --lpath="lua/?.lua;lua/?/init.lua" --cpath="build/lib/?.so" examples/busted
--
-- with the Lua that the module was built for; busted alone takes the system's.

local mcpcap = require "mcpcap"
require "mcpcap.luassert"

local captures = os.getenv("CAPTURES") or "spec/fixtures"

local function analyze(name)
  return assert(mcpcap.analyze_traffic_flow(captures .. "/" .. name, "192.0.2.80", 80))
end

describe("the shop", function()
  it("answers without trouble on a quiet network", function()
    assert.no_trouble(analyze("clean-http.pcap"))
  end)

  it("is not what is slow when the network loses segments", function()
    local result = analyze("loss-to-client-before.pcap")
    assert.has_finding(result, "loss_to_client")
    assert.has_no_finding(result, "slow_server")
  end)
end)
