local json = require "mcpcap.json"
local mcpcap = require "mcpcap"
local tcp_views = require "mcpcap.tcp.views"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"

local function fixture(name)
  return here .. "../fixtures/" .. name
end

local function sum(rows, key)
  local n = 0
  for _, row in ipairs(rows) do
    n = n + row[key]
  end
  return n
end

describe("analyze_tcp_connections", function()
  it("counts what became of each connection", function()
    local whole = assert(mcpcap.analyze_traffic_flow(fixture "web-session.pcapng", "192.0.2.80"))
    local view = assert(mcpcap.analyze_tcp_connections(fixture "web-session.pcapng", "192.0.2.80"))
    local states, handshakes = whole.connection_sums.states, whole.analysis.handshakes
    assert.truthy(states.SF > 0 and states.REJ > 0)
    assert.equal(whole.connection_count, view.summary.total_connections)
    assert.equal(handshakes.completed.client, view.summary.successful_handshakes)
    assert.equal(handshakes.attempted.client - handshakes.completed.client, view.summary.failed_handshakes)
    assert.equal(states.REJ, view.summary.reset_connections)
    assert.equal(states.SF, view.summary.normal_close)
    assert.equal(0, view.summary.active_connections)
    assert.equal(10, #view.connections)
    assert.equal(10, view.connections_shown)
    assert.equal(whole.capture.matched_segments, view.tcp_packets_found)
    assert.equal(whole.total_packets, view.total_packets)
    assert.is_false(view.server_chosen)
    assert.same({ server_ip = "192.0.2.80" }, view.filter)
  end)

  it("shows more rows when detailed, each with the original's keys", function()
    local whole = assert(mcpcap.analyze_traffic_flow(fixture "web-session.pcapng", "192.0.2.80"))
    local view = assert(mcpcap.analyze_tcp_connections(fixture "web-session.pcapng", "192.0.2.80", nil,
      { detailed = true }))
    assert.equal(whole.connection_count, #view.connections)
    for _, key in ipairs { "packet_count", "fin_count", "rst_count", "syn_count", "syn_ack_count", "data_packets",
      "retransmissions" } do
      assert.equal(whole.client_to_server[key] + whole.server_to_client[key], sum(view.connections, key), key)
    end
    for _, row in ipairs(view.connections) do
      assert.equal(row.close_reason == "normal", row.handshake_completed)
      assert.equal("closed", row.state)
      assert.equal(row.packet_count, row.ack_count + row.syn_count - row.syn_ack_count + row.rst_count)
    end
  end)

  it("sums to the number of connections in every state", function()
    for _, name in ipairs { "syn-flood.pcap", "mid-stream.pcap", "refused.pcap", "half-open-handshake.pcap",
      "client-abort.pcap", "server-killed.pcap", "half-close.pcap", "port-scan.pcap" } do
      local view = assert(mcpcap.analyze_tcp_connections(fixture(name), "192.0.2.80"))
      local s = view.summary
      assert.equal(s.total_connections, s.reset_connections + s.normal_close + s.active_connections)
    end
  end)

  it("says what is missing instead of counting nothing", function()
    local view = assert(mcpcap.analyze_tcp_connections(fixture "clean-http.pcap", "198.51.100.1"))
    assert.equal("no_match", view.status)
    assert.truthy(view.message:find("this server", 1, true))
    assert.equal(0, view.summary.total_connections)
  end)
end)

describe("analyze_tcp_anomalies", function()
  local function pattern(view, name)
    for _, item in ipairs(view.patterns) do
      if item.pattern == name then
        return item.observations
      end
    end
    return nil
  end

  it("finds refused connections", function()
    local view = assert(mcpcap.analyze_tcp_anomalies(fixture "refused.pcap", "192.0.2.80"))
    assert.truthy(pattern(view, "handshake_completion").failed > 0)
    local resets = pattern(view, "rst_directional_asymmetry")
    assert.equal(0, resets.ratio)
    assert.equal("strong_rst_asymmetry", view.summary.notable_observations[1].type)
    assert.equal(resets.rst_from_server, view.statistics.rst_distribution.by_source["192.0.2.80"])
    assert.equal(view.summary.total_patterns, #view.patterns)
  end)

  it("finds SYNs without an answer, and counts each SYN once", function()
    local view = assert(mcpcap.analyze_tcp_anomalies(fixture "unanswered-client.pcap", "192.0.2.80"))
    local seen = pattern(view, "syn_response_imbalance")
    assert.equal(0, seen.syn_ack_count)
    assert.equal(0, seen.response_ratio)
    assert.equal(view.statistics.flags.syn, seen.syn_count)
  end)

  it("finds nothing in a clean conversation", function()
    local view = assert(mcpcap.analyze_tcp_anomalies(fixture "clean-http.pcap", "192.0.2.80"))
    assert.same({}, view.patterns)
    assert.equal(view.statistics.total_packets, view.tcp_packets_found)
  end)
end)

describe("analyze_tcp_retransmissions", function()
  it("compares rates with the threshold", function()
    local name = fixture "loss-to-client-before.pcap"
    local whole = assert(mcpcap.analyze_traffic_flow(name, "192.0.2.80"))
    local resent = whole.client_to_server.retransmissions + whole.server_to_client.retransmissions
    local view = assert(mcpcap.analyze_tcp_retransmissions(name, "192.0.2.80"))
    assert.truthy(resent > 0)
    assert.equal(resent, view.total_retransmissions)
    assert.equal(resent / view.total_packets, view.retransmission_rate)
    assert.equal(0.02, view.threshold)
    assert.equal(view.retransmission_rate > 0.02, view.exceeds_threshold)
    assert.equal(view.by_connection[1].connection, view.summary.worst_connection)
    assert.is_false(assert(mcpcap.analyze_tcp_retransmissions(name, "192.0.2.80", 1)).exceeds_threshold)
    assert.is_true(assert(mcpcap.analyze_tcp_retransmissions(name, "192.0.2.80", 0)).exceeds_threshold)
  end)

  it("names no worst connection when nothing was sent again", function()
    local view = assert(mcpcap.analyze_tcp_retransmissions(fixture "clean-http.pcap", "192.0.2.80"))
    assert.equal("", view.summary.worst_connection)
    assert.same({}, view.by_connection)
  end)
end)

describe("the server", function()
  -- A result of nobody, with these candidates.
  local function analyzer(candidates, calls)
    return function(path, ip, port, options)
      calls[#calls + 1] = { ip, port }
      local result, message, code = mcpcap.analyze_traffic_flow(path, ip, port, options)
      if ip == "0.0.0.0" then
        result.candidates = candidates
      end
      return result, message, code
    end
  end

  it("is the busiest by all its ports, and the others are listed", function()
    local calls = {}
    local view = assert(tcp_views.call("connections", analyzer({
      { ip = "192.0.2.1", port = 1, packets = 10 }, { ip = "2001:db8::1", port = 2, packets = 9 },
      { ip = "192.0.2.80", port = 80, packets = 6 }, { ip = "192.0.2.80", port = 443, packets = 6 },
    }, calls), fixture "clean-http.pcap", nil, nil))
    assert.same({ { "0.0.0.0" }, { "192.0.2.80" } }, calls)
    assert.is_true(view.server_chosen)
    assert.equal(2, view.other_servers_total)
    assert.same({ { server = "192.0.2.1", packets = 10, ports = { 1 } },
      { server = "2001:db8::1", packets = 9, ports = { 2 } } }, view.other_servers)
  end)

  it("has the port that was asked for", function()
    local calls = {}
    local view = assert(tcp_views.call("connections", analyzer({
      { ip = "192.0.2.1", port = 1, packets = 10 }, { ip = "192.0.2.80", port = 80, packets = 6 },
    }, calls), fixture "clean-http.pcap", nil, 80))
    assert.same({ { "0.0.0.0", 80 }, { "192.0.2.80", 80 } }, calls)
    assert.equal(0, view.other_servers_total)
  end)

  it("is not looked for in a stream, which can be read only once", function()
    local file = assert(io.open(fixture "clean-http.pcap", "rb"))
    local view, message, code = mcpcap.analyze_tcp_connections(file)
    assert.is_nil(view)
    assert.truthy(message:find("server_ip", 1, true))
    assert.equal("invalid", code)
    assert.truthy(mcpcap.analyze_tcp_connections(file, "192.0.2.80"))
    file:close()
  end)
end)

describe("a misuse", function()
  it("is raised under the name that was called, at the caller", function()
    local ok, problem = pcall(function()
      local view = mcpcap.analyze_tcp_anomalies("x", "nonsense")
      return view
    end)
    assert.is_false(ok)
    assert.truthy(problem:find("tcp_views_spec.lua:%d+: bad argument #2 to 'analyze_tcp_anomalies'"))
    assert.has_error(function() mcpcap.analyze_tcp_connections("x", "192.0.2.1", 80, { nonsense = 1 }) end)
    assert.has_error(function() mcpcap.analyze_tcp_retransmissions("x", "192.0.2.1", "0.02") end)
  end)

  it("is not what the world does", function()
    local view, message, code = mcpcap.analyze_tcp_retransmissions(fixture "none.pcap", "192.0.2.80")
    assert.is_nil(view)
    assert.is_string(message)
    assert.equal("not_found", code)
  end)
end)

describe("a view", function()
  it("can be written as JSON and says when it is partial", function()
    local view, _, code = mcpcap.analyze_tcp_connections(fixture "clean-http.pcap", "192.0.2.80", nil,
      { max_packets = 5 })
    assert.equal("limit", code)
    assert.is_true(view.truncated)
    assert.equal(5, view.max_packets)
    assert.equal(5, view.packets_analyzed)
    assert.is_string(json.encode(view))
  end)
end)
