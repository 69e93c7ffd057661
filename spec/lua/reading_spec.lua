-- Captures as people have them: what a reader must not stumble over, and frame numbers as
-- Wireshark has them.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "craft.lua")

local MS = craft.MS

describe("packets without a time", function()
  it("have no part in any time", function()
    local x = craft.new():hs():c(1001, 100):timeless():s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
    local result = x:analyze()
    assert.are.equal(1, result.capture.timeless_frames)
    assert.are.equal(0, result.capture.time_regressions)
    assert.are.equal(1700000000, math.floor(result.capture.first_time))
    assert.truthy(result.capture.duration_ms < 1000)
    assert.are.equal(0, result.client_to_server.rtt_ms.count)
    assert.are.equal(0, result.analysis.latency.server_response_ms.count)
    assert.is_nil(result.connections[1].first_time)
    assert.is_nil(result.connections[1].duration_ms)
    assert.are.equal(200, result.client_to_server.payload_bytes + result.server_to_client.payload_bytes)
  end)

  it("leave other connections theirs", function()
    local x = craft.new():hs():c(1001, 100):timeless()
    x.sides.c.port = 40001
    x:bases(1000, 5000):hs():c(1001, 100):s(5001, 100, { ack = 1101 }):c(1101, 0, { ack = 5101 })
    local result = x:analyze()
    assert.are.equal(2, result.analysis.latency.handshake_rtt_ms.server.count)
    assert.are.equal(1, result.analysis.latency.server_response_ms.count)
    assert.is_number(result.connections[1].duration_ms or result.connections[2].duration_ms)
  end)

  it("give no times at all where no packet has one", function()
    local x = craft.new():syn():timeless():syn_ack():timeless():c_ack(5001):timeless():c(1001, 100):timeless()
    local result = x:analyze()
    assert.are.equal(4, result.capture.timeless_frames)
    assert.is_nil(result.capture.first_time)
    assert.is_nil(result.capture.duration_ms)
    assert.is_nil(result.client_to_server.first_time)
    assert.is_nil(result.timeline.start_time)
    assert.are.equal(0, result.analysis.latency.handshake_rtt_ms.server.count)
    assert.are.equal(1, result.analysis.handshakes.completed.client)
    assert.is_string(require("mcpcap.report").render(result, "text"))
    assert.is_string(require("mcpcap.report").render(result, "html"))
  end)

  it("lie outside of any time window", function()
    local x = craft.new():hs():c(1001, 100):timeless()
    local result = x:analyze({ end_time = 1800000000 })
    assert.are.equal(3, result.total_packets)
    assert.are.equal(1, result.capture.outside_window_frames)
  end)
end)

describe("packets in GTP-U", function()
  local function one(spare, rules, o, v6)
    local x = craft.new(v6 and { client = "2001:db8::1", server = "2001:db8::2" } or nil):hs({ ack = { gtp = 0 } })
    o.gtp = spare
    return x:c(1001, 100, o):analyze({ rules = rules })
  end

  it("are read as the chosen rules say, and counted where they are not", function()
    for _, v6 in ipairs({ false, true }) do
      for _, rules in ipairs({ "wireshark-4.0", "wireshark-4.4", "wireshark-4.6" }) do
        local later = rules == "wireshark-4.6"
        local exact, padded = one(0, rules, {}, v6), one(1, rules, {}, v6)
        assert.are.equal(100, exact.client_to_server.payload_bytes)
        assert.are.equal(0, exact.capture.inner_length_frames)
        assert.are.equal(later and 0 or 100, padded.client_to_server.payload_bytes)
        assert.are.equal(later and 1 or 0, padded.capture.inner_length_frames)
        assert.are.equal(later and 1 or 0, padded.capture.not_tcp_frames)
      end
    end
  end)

  it("may claim more, or nothing, before that", function()
    for _, length in ipairs({ 1500, 0, 120 }) do
      local read = one(0, "wireshark-4.4", { ip_len = length })
      assert.are.equal(length == 120 and 80 or 100, read.client_to_server.payload_bytes)
      assert.are.equal(1, one(0, "wireshark-4.6", { ip_len = length }).capture.inner_length_frames)
    end
  end)

  it("may be cut by the snapshot length", function()
    assert.are.equal(100, one(0, "wireshark-4.6", { cut_tcp = 20 }).client_to_server.payload_bytes)
  end)
end)

describe("records that are no packets", function()
  it("count as frames where Wireshark counts them", function()
    local journal = "__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=hello\n"
    local x = craft.new():block(9, journal):hs():block(0xbad, ("\0"):rep(12)):c(1001, 100)
      :block(0x80000001, "of no kind that is known"):c(1001, 100)
    local result = x:analyze()
    assert.are.equal(7, result.total_packets)
    assert.are.equal(2, result.capture.record_frames)
    assert.are.equal(2, result.capture.not_tcp_frames)
    assert.are.equal(0, result.capture.timeless_frames)
    assert.are.equal(2, result.connections[1].first_frame)
    assert.are.same({ 7 }, result.client_to_server.examples.retransmissions)
    assert.are.equal(1, #result.capture.link_types)
  end)

  it("do not pass a filter", function()
    local result = craft.new():block(0xbad, ("\0"):rep(12)):hs():analyze({ filter = "tcp" })
    assert.are.equal(3, result.total_packets)
    assert.are.equal(1, result.capture.filtered_frames)
  end)
end)

describe("a filter that lets nothing through", function()
  it("is not an empty capture", function()
    local x = craft.new()
    for i = 0, 2 do
      x:c(1001 + i, 1, { vlan = 5 })
    end
    local result = x:analyze({ filter = "tcp port 7777" })
    assert.are.equal("no_tcp", result.status)
    assert.matches("^The filter let none of the 3 packets through", result.analysis.interpretation)
    assert.matches("neither VLAN%-tagged frames nor IPv6 with extension headers", result.analysis.interpretation)
    local wider = result.analysis.interpretation:match("headers: `(.-)` does")
    assert.are.equal(3, x:analyze({ filter = wider }).total_packets)
  end)

  it("is told from a time window", function()
    local result = craft.new():hs():analyze({ start_time = 1800000000 })
    assert.are.equal("All 3 packets lie outside the time window, so nothing can be said about 10.0.0.2:7777.",
      result.analysis.interpretation)
  end)

  it("is told where something else passes", function()
    local x = craft.new():after(MS):c(1001, 1, { vlan = 5 })
    x.sides.s.port = 25
    x:c(1002, 1)
    local result = x:analyze({ filter = "tcp" }, 7777)
    assert.are.equal("no_match", result.status)
    assert.matches("%(1 packet was left out by the filter or the time window%)", result.analysis.interpretation)
  end)
end)
