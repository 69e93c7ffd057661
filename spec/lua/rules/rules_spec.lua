-- The rules, one capture each: what is flagged, in which frame, on which side.  The
-- flags are Wireshark 4.0's, but where the test's name says that the product differs, or
-- names later versions.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../craft.lua")

local MS, SECOND = craft.MS, craft.SECOND
local DIRECTION = { c = "client_to_server", s = "server_to_client" }
local V6 = { client = "2001:db8::1", server = "2001:db8::2" }

local FLAGS = {
  "retransmissions", "fast_retransmissions", "spurious_retransmissions", "out_of_order", "lost_segments",
  "acked_unseen", "duplicate_acks", "keep_alives", "keep_alive_acks", "zero_windows", "zero_window_probes",
  "zero_window_probe_acks", "window_updates", "window_full", "reused_ports",
}

-- Analyses 'capture' and compares: want.c and want.s hold counters; a list of frame
-- numbers stands for their count too.  A flag that is not named must not be there.
local function check(capture, want, options, port)
  options = options or {}
  options.rules = options.rules or "wireshark-4.0"
  local result = capture:analyze(options, port)
  for side, direction in pairs(DIRECTION) do
    local expected, found = {}, {}
    for _, name in ipairs(FLAGS) do
      expected[name] = 0
    end
    for name, value in pairs(want[side] or {}) do
      expected[name] = value
    end
    for name, value in pairs(expected) do
      found[name] = result[direction][name]
      if type(value) == "table" then
        assert.are.equal(#value, found[name], direction .. "." .. name)
        found[name] = result[direction].examples[name]
      end
    end
    assert.are.same(expected, found)
  end
  return result
end

local function hs(o)
  return craft.new(o):hs()
end

describe("the length of a segment", function()
  it("leaves out the padding of a short frame (E1)", function()
    check(hs():c_ack(5001, { pad = 60 }), { c = { duplicate_acks = { 4 }, data_packets = 0, payload_bytes = 0 } })
  end)

  it("leaves out the padding of a long frame (E2)", function()
    check(hs():c(1001, 3, { pad = 200 }), { c = { data_packets = 1, payload_bytes = 3, byte_count = 54 + 54 + 200 } })
  end)

  it("is the frame's when the IPv4 total length is 0 (E3)", function()
    local capture = hs():c(1001, 5000, { ip_len = 0 }):c(6001, 3, { ip_len = 0, pad = 60 }):s_ack(6001)
    check(capture, { c = { payload_bytes = 5000 + 6, data_packets = 2 } })
  end)

  it("is the smaller of IPv4 total length and frame (E4)", function()
    local result = check(hs():c(1001, 100, { ip_len = 2000 }):c(1101, 10, { ip_len = 50, present = 100 })
      :c(1111, 100, { ip_len = 30 }):c(1111, 100, { ip_len = 19 }), { c = { payload_bytes = 110, packet_count = 4 } })
    assert.are.equal(1, result.capture.malformed_segments)
    assert.are.equal(1, result.capture.malformed_frames)
    assert.are.equal(1, result.capture.not_tcp_frames)
  end)

  it("is the frame's when the IPv6 payload length is 0, unlike Wireshark (E5, D5)", function()
    check(hs(V6):c(1001, 3000, { ip_len = 0 }), { c = { payload_bytes = 3000 } })
  end)

  it("is the smaller of IPv6 payload length and frame (E6)", function()
    check(hs(V6):c(1001, 30, { ip_len = 500 }):c(1031, 30, { pad = 200 }), { c = { payload_bytes = 60 } })
  end)

  it("does not shrink when the frame is cut after the TCP header (E7)", function()
    local result = check(hs():c(1001, 10, { cut_tcp = 20 }):s_ack(1011):after(SECOND):c(1001, 10, { cut_tcp = 20 }),
      { c = { payload_bytes = 20, unique_bytes = 10, retransmissions = { 6 }, spurious_retransmissions = 1 } })
    assert.are.equal(2, result.capture.sliced_frames)
    assert.are.equal(20, result.capture.sliced_bytes)
  end)

  it("is unknown when the TCP header is cut: no segment, unlike Wireshark (E8, D3)", function()
    local capture = hs()
    for _, bytes in ipairs({ 19, 16, 15, 4, 3, 0 }) do
      capture:c(1001, 100, { cut_tcp = bytes })
    end
    local result = check(capture:c(1001, 10), { c = { packet_count = 3, payload_bytes = 10 } })
    assert.are.equal(6, result.capture.sliced_headers)
    assert.are.equal(6, result.capture.sliced_header_frames)
  end)

  it("is impossible with a wrong data offset: no segment, unlike Wireshark (E9, D2)", function()
    local capture = hs():c(1001, 20, { doff = 0 }):c(1001, 20, { doff = 4 }):c(1001, 4, { doff = 15 })
      :c(1001, 0, { options = ("\1"):rep(40) }):c(1001, 40)
    local result = check(capture, { c = { duplicate_acks = { 7 }, packet_count = 4, payload_bytes = 40 } })
    assert.are.equal(3, result.capture.malformed_segments)
  end)

  it("is that of the whole datagram when it comes in fragments (E11)", function()
    local sizes = { 800, 800 }
    local result = check(hs():fragments("c", 1001, 2000, { sizes = sizes }):s_ack(3001),
      { c = { data_packets = 1, payload_bytes = 2000, byte_count = 108 + 34 + 420 } })
    assert.are.equal(1, result.capture.reassembled_datagrams)
    assert.are.equal(2, result.capture.fragment_frames)
    check(hs():fragments("c", 1001, 2000, { sizes = sizes, order = { 3, 2, 1 } }):s_ack(3001),
      { c = { data_packets = 1, payload_bytes = 2000, byte_count = 108 + 34 + 800 } })
    check(hs(V6):fragments("c", 1001, 2000, { sizes = sizes, order = { 2, 3, 1 } }):s_ack(3001),
      { c = { data_packets = 1, payload_bytes = 2000 } })
  end)

  it("is missing with one of the fragments (E12)", function()
    for _, order in ipairs({ { 1, 2 }, { 2, 3 } }) do
      local capture = hs():fragments("c", 1001, 2000, { sizes = { 800, 800 }, order = order }):s_ack(3001):c(3001, 100)
      local result = check(capture, {
        c = { lost_segments = { 7 }, missing_bytes = 2000, packet_count = 3, payload_bytes = 100 },
        s = { acked_unseen = { 6 } },
      })
      assert.are.equal(1, result.capture.incomplete_fragments)
    end
  end)

  it("is unknown when the first fragment is cut (E13)", function()
    local capture = hs():fragments("c", 1001, 2000, { sizes = { 800, 800 }, cut_first = 100 }):s_ack(3001)
      :c(3001, 100)
    check(capture, {
      c = { lost_segments = { 8 }, missing_bytes = 2000, packet_count = 4, unanalysed = 1, data_packets = 1 },
      s = { acked_unseen = { 7 } },
    })
  end)
end)

describe("what is no segment", function()
  it("is not asked for its checksum (E10)", function()
    local capture = hs():c(1001, 10, { bad_tcp_sum = true }):c(1011, 10, { bad_ip_sum = true }):s_ack(1021)
    check(capture, { c = { payload_bytes = 20, bad_checksums = 0 } })
    local result = check(capture, { c = { payload_bytes = 20, bad_checksums = 1 } }, { verify_checksums = true })
    assert.are.equal(1, result.capture.bad_ip_checksums)
  end)

  it("is a header that an ICMP error quotes, unlike Wireshark (E14, D1)", function()
    for _, addresses in ipairs({ {}, V6 }) do
      local bytes = addresses == V6 and { 48, 60 } or { 28, 40 }
      local result = check(craft.new(addresses):syn():icmp(1, { bytes = bytes[1] }):icmp(1, { bytes = bytes[2] })
        :syn_ack():c_ack(5001):c(1001, 10):icmp(6):icmp(1):c(1011, 10),
        { c = { syn_count = 1, packet_count = 4, payload_bytes = 20 } })
      assert.are.equal(4, result.capture.icmp_quoted)
      assert.are.equal(1, result.connection_count)
      assert.are.equal(4, result.icmp[1].count)
    end
  end)

  it("is a SYN that an ICMP error quotes with another number, unlike Wireshark (E15, D1)", function()
    local capture = hs():c(1001, 50)
    local packet, from = capture:packet("c", 99999, 0, { flags = "S" })
    local result = check(capture:icmp_about(packet, from):c(1051, 50):s_ack(1101):c(1051, 50),
      { c = { retransmissions = { 8 }, spurious_retransmissions = 1 } })
    assert.are.equal(1, result.connection_count)
  end)

  it("leaves nothing when there are only ICMP errors (E16)", function()
    local capture = craft.new()
    local packet, from = capture:packet("c", 1000, 0, { flags = "S" })
    local result = check(capture:icmp_about(packet, from):icmp_about(packet, from), {})
    assert.are.equal("no_tcp", result.status)
    assert.are.equal(0, result.tcp_packets_found)
    assert.are.equal(0, result.connection_count)
    assert.are.equal(2, result.capture.icmp_quoted)
  end)

  it("is a sampled header in an sFlow record, unlike Wireshark (D6)", function()
    local capture = hs()
    local packet = capture:packet("c", 1001, 100)
    -- sFlow version 5: one flow sample with one raw packet header
    local sample = "\0\0\0\5\0\0\0\1\10\0\0\9\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\1" .. ("\0"):rep(60) .. packet
    local length = #sample + 8
    local udp = "\200\0\24\199" .. string.char(math.floor(length / 256), length % 256) .. "\0\0" .. sample
    local size = 20 + #udp
    local ip = "\69\0" .. string.char(math.floor(size / 256), size % 256) .. "\0\1\0\0\64\17\0\0\10\0\0\1\10\0\0\2"
    local result = check(capture:raw(("\2"):rep(12) .. "\8\0" .. ip .. udp):c(1001, 10),
      { c = { packet_count = 3, payload_bytes = 10 } })
    assert.are.equal(1, result.capture.not_tcp_frames)
  end)

  it("is what an IPComp header hides, unlike Wireshark (D10)", function()
    local ip = "\69\0\0\64\0\1\0\0\64\108\0\0\10\0\0\1\10\0\0\2"
    local result = check(hs():raw(("\2"):rep(12) .. "\8\0" .. ip .. "\6\0\0\2" .. ("x"):rep(40)):c(1001, 10),
      { c = { packet_count = 3 } })
    assert.are.equal(1, result.capture.not_tcp_frames)
  end)
end)

describe("the same packet in several places", function()
  it("is sent again, say the rules; captured twice, say the duplicates (E17)", function()
    local capture = craft.new():syn({ vlan = 10, id = 1 }):copy({ vlan = 20 })
      :syn_ack({ vlan = 10, id = 9 }):copy({ vlan = 20 })
      :c(1001, 10, { vlan = 10, id = 2 }):copy({ vlan = 20 }):c(1011, 10, { vlan = 10, id = 3 }):copy({ vlan = 20 })
    local result = check(capture, {
      c = { retransmissions = { 2, 6, 8 }, capture_duplicates = { 2, 6, 8 }, unique_bytes = 20 },
      s = { retransmissions = { 4 }, capture_duplicates = { 4 } },
    })
    assert.are.equal(3, result.client_to_server.late_segments.duplicated)
    assert.are.equal(1, result.server_to_client.late_segments.duplicated)
  end)

  it("is of the same connection inside tunnels (E18)", function()
    local result = check(hs():c(1001, 10, { id = 5 }):copy({ gre = true }):copy({ ipip = true }),
      { c = { retransmissions = { 5, 6 }, capture_duplicates = 2 } })
    assert.are.equal(1, result.connection_count)
  end)

  it("is a retransmission with data, a duplicate ack without (E19)", function()
    local capture = hs()
    for i = 0, 2 do
      capture:c(1001 + 100 * i, 100, { id = 10 + i }):copy()
    end
    check(capture:s_ack(1301, { id = 99 }):copy(), {
      c = { retransmissions = { 5, 7, 9 }, capture_duplicates = 3, repeated_frames = 3, unique_bytes = 300 },
      s = { duplicate_acks = { 11 }, capture_duplicates = 0, repeated_frames = 1 },
    })
  end)

  it("is not looked for after a second", function()
    check(hs():c(1001, 10, { id = 5 }):copy(nil, SECOND - MS),
      { c = { retransmissions = { 5 }, capture_duplicates = 1 } })
    check(hs():c(1001, 10, { id = 5 }):copy(nil, SECOND + MS),
      { c = { retransmissions = { 5 }, capture_duplicates = 0 } })
  end)

  it("needs an IP identification", function()
    check(hs():c(1001, 10, { id = 0 }):copy(), { c = { retransmissions = { 5 }, capture_duplicates = 0 } })
    check(hs():c(1001, 10, { id = 5 }):c(1001, 10, { id = 6 }),
      { c = { retransmissions = { 5 }, capture_duplicates = 0 } })
  end)

  it("is analysed below a FabricPath header, unlike Wireshark (D4)", function()
    local capture = hs():c(1001, 10, { id = 5 })
    capture:raw(("\2"):rep(12) .. "\137\3\0\1" .. capture.frames[4].bytes)
    check(capture, { c = { retransmissions = { 5 }, capture_duplicates = 1, payload_bytes = 20 } })
  end)
end)

describe("SYN, FIN and RST", function()
  it("count as sent again, but for RST (E20)", function()
    local capture = craft.new():syn():after(SECOND):syn():syn_ack():after(SECOND):syn_ack():c_ack(5001)
      :c(1001, 0, { flags = "FA" }):after(SECOND):c(1001, 0, { flags = "FA" }):s_ack(1002)
      :c(1002, 0, { flags = "R" }):c(1002, 0, { flags = "R" }):c(1002, 3, { flags = "R" })
    local result = check(capture, {
      c = { retransmissions = { 2, 7 }, rst_count = 3, data_packets = 1, unique_bytes = 0 },
      s = { retransmissions = { 4 } },
    })
    assert.are.equal(1, result.connections[1].handshake.syn_retransmits)
  end)

  it("begin a new connection on ports in use (E21)", function()
    local capture = hs():c(1001, 10):c(1011, 0, { flags = "FA" }):s(5001, 0, { flags = "FA", ack = 1012 })
      :c(1012, 0, { ack = 5002 }):bases(90000, 70000):hs()
    local result = check(capture, { c = { reused_ports = 1 } })
    assert.are.equal(2, result.connection_count)
    assert.are.same({ SF = 1, S1 = 1 }, result.connection_sums.states)
    assert.are.equal(1, result.capture.port_reuses)
  end)

  it("mislead after a reset with the same number (E22)", function()
    local capture = hs():c(1001, 10):s(5001, 0, { flags = "RA", ack = 1011 }):syn():bases(1000, 9000):syn_ack()
      :c_ack(9001):c(1001, 10)
    check(capture, {
      c = { out_of_order = { 6 }, acked_unseen = { 8 }, retransmissions = { 9 } },
      s = { reused_ports = 1, lost_segments = { 7 } },
    })
  end)

  it("are retransmissions, never spurious ones, when a FIN comes again (E30)", function()
    local fin = { flags = "FA" }
    local capture = hs():c(1001, 0, fin):s_ack(1002):after(SECOND):c(1001, 0, fin):s(5001, 0, fin)
      :c(1002, 0, { ack = 5002 }):after(SECOND):s(5001, 0, fin)
    check(capture, { c = { retransmissions = { 6 } }, s = { retransmissions = { 9 } } })
  end)

  it("may carry data: Fast Open (E34)", function()
    local capture = craft.new():tcp("c", 1000, 20, { flags = "S" }):syn_ack({ ack = 1021 }):c(1021, 5):s_ack(1026)
    check(capture, { c = { data_packets = 2, payload_bytes = 25, unique_bytes = 25, missing_bytes = 0 } })
  end)

  it("move the next sequence number when a RST has a stray one (W12)", function()
    check(hs():c(5000, 0, { flags = "R" }):after(SECOND):c(1001, 10), { c = { retransmissions = { 5 } } })
  end)
end)

describe("sequence numbers", function()
  it("begin anywhere in mid-stream (E23)", function()
    local capture = craft.new():c(1001, 10):s_ack(1011):after(SECOND):c(1001, 10):c(500, 10):c(1011, 10)
    check(capture, { c = { retransmissions = { 3, 4 }, spurious_retransmissions = 2 } })
  end)

  it("wrap (E24)", function()
    local capture = craft.new():bases(0xfffffff0, 5000):hs():c(0xfffffff1, 10):c(0xfffffffb, 10):s_ack(5)
      :after(SECOND):c(0xfffffffb, 10):c(5, 10):after(SECOND):c(0xfffffffb, 20)
    check(capture, { c = {
      retransmissions = { 7, 9 }, spurious_retransmissions = 1, unique_bytes = 30, retransmitted_bytes = 30,
      missing_bytes = 0,
    } })
  end)

  it("may be 0 and known, unlike in Wireshark (E25, D7)", function()
    local capture = craft.new():bases(0xfffffff5, 5000):hs():c(0xfffffff6, 10):after(SECOND):c(0xfffffff6, 10)
      :c(100, 10)
    check(capture, { c = { retransmissions = { 5 }, lost_segments = { 6 } } })
  end)

  it("may be acknowledged with 0, unlike in Wireshark (D7)", function()
    local capture = craft.new():bases(0xfffffff5, 5000):hs():c(0xfffffff6, 10):s_ack(0):after(SECOND):c(0xfffffff6, 10)
    check(capture, { c = { retransmissions = { 6 }, spurious_retransmissions = 1 } })
  end)

  it("say nothing when they are the 0 of a reset", function()
    check(craft.new():c(0, 0, { flags = "R" }):c(100, 10), {})
    check(hs():c(0, 0, { flags = "R" }):c(1001, 10), {})
    check(craft.new():bases(0x80001000, 5000):hs():c(0, 0, { flags = "R" }):after(SECOND):c(0x80001001, 10), {})
  end)

  it("at 0xffffffff are no keep-alive when they come first, unlike in Wireshark (D7)", function()
    check(craft.new():c(0xffffffff, 1), {})
  end)

  it("are those of either side when both have one address (E35)", function()
    local o = { client = "10.0.0.2", client_port = 100, server_port = 200 }
    local capture = craft.new(o):hs():c(1001, 10):s(5001, 20, { ack = 1011 })
    for _, port in ipairs({ 200, false }) do
      check(capture, { c = { packet_count = 3, payload_bytes = 10 }, s = { packet_count = 2, payload_bytes = 20 } },
        nil, port)
    end
    check(capture, { c = { packet_count = 2, payload_bytes = 20 }, s = { packet_count = 3, payload_bytes = 10 } },
      nil, 100)
  end)

  it("fall together when both ends are one (E36)", function()
    local capture = craft.new({ client = "10.0.0.2", client_port = 7777 }):tcp("c", 1, 0, { flags = "S" })
      :tcp("s", 1, 0, { flags = "SA", ack = 2 }):c(2, 10, { ack = 2 })
    check(capture, { c = { retransmissions = { 2 }, packet_count = 3 }, s = { packet_count = 0 } })
  end)
end)

describe("late segments", function()
  it("are out of order below the handshake's round trip (E26)", function()
    local capture = hs():c(1101, 100):after(2 * MS):c(1001, 100):c(1301, 100):after(21 * MS):c(1201, 100)
    check(capture, { c = { lost_segments = { 4, 6 }, out_of_order = { 5 }, retransmissions = { 7 } } })
  end)

  it("are judged to the nanosecond by the round trip", function()
    check(hs():c(1101, 100):after(20 * MS - 1):c(1001, 50), { c = { lost_segments = { 4 }, out_of_order = { 5 } } })
    check(hs():c(1101, 100):after(20 * MS):c(1001, 50), { c = { lost_segments = { 4 }, retransmissions = { 5 } } })
  end)

  it("are out of order below 3 ms when it is unknown (E27)", function()
    local capture = craft.new():c(1001, 100):c(1201, 100):after(3 * MS - 1):c(1101, 100)
      :c(1401, 100):after(3 * MS):c(1301, 100):c(1301, 200)
    check(capture, { c = { lost_segments = { 2, 4 }, out_of_order = { 3 }, retransmissions = { 5, 6 } } })
  end)

  it("take the round trip of the next ack when the first one is 0", function()
    local capture = craft.new():hs({ step = 0 }):after(30 * MS):s_ack(1001, { win = 999 }):c(1101, 100)
      :after(30 * MS - 1):c(1001, 50)
    check(capture, { c = { lost_segments = { 5 }, out_of_order = { 6 } }, s = { window_updates = 1 } })
  end)

  it("are fast retransmissions below 20 ms after two duplicates (E28)", function()
    local capture = hs()
    for i = 0, 4 do
      capture:c(1001 + 100 * i, 100)
    end
    capture:s_ack(1101):s_ack(1101):s_ack(1101):after(20 * MS - 1):c(1101, 100)
      :s_ack(1101):after(20 * MS):c(1101, 100)
    check(capture, {
      c = { retransmissions = { 12, 14 }, fast_retransmissions = 1 },
      s = { duplicate_acks = { 10, 11, 13 }, max_duplicate_acks = 3 },
    })
  end)

  it("are no fast retransmissions after one duplicate", function()
    local capture = hs():c(1001, 100):c(1101, 100):s_ack(1101):s_ack(1101):c(1101, 100)
    check(capture, { c = { retransmissions = { 8 } }, s = { duplicate_acks = { 7 } } })
  end)

  it("count as a whole when they overlap in part (E29)", function()
    local capture = hs():c(1001, 100):after(SECOND):c(1051, 100):s_ack(1101):after(SECOND):c(1051, 200)
    check(capture, { c = { retransmissions = { 5, 7 }, retransmitted_bytes = 150, unique_bytes = 250 } })
  end)

  it("are none when they repeat one byte and bring more, as after a probe (rule 13)", function()
    check(hs():c(1001, 10):after(SECOND):c(1010, 2), {})
    check(hs():c(1001, 10):after(SECOND):c(1010, 1, { flags = "FA" }), { c = { retransmissions = { 5 } } })
    check(hs():c(1001, 10):after(SECOND):c(1009, 3), { c = { retransmissions = { 5 } } })
  end)

  it("are never spurious above the other side's ack", function()
    local capture = hs():c(1001, 100):s_ack(1100):after(SECOND):c(1001, 100):s_ack(1101):after(SECOND):c(1001, 100)
    check(capture, { c = { retransmissions = { 6, 8 }, spurious_retransmissions = 1 } })
  end)

  it("lose count after 10,000 unacknowledged segments (E37)", function()
    for _, case in ipairs({ { 10005, false }, { 9990, true } }) do
      local capture = craft.new({ tcp_sum = false }):hs()
      for i = 1, case[1] do
        capture:c(1000 + i, 1)
      end
      local last = 1001 + case[1]
      capture:c(last, 0, { flags = "FA" }):after(SECOND):c(last, 0, { flags = "FA" }):s_ack(last + 1)
      local frame = case[1] + 5
      if case[2] then
        check(capture, { c = { retransmissions = { frame }, window_full = { 1003 } } })
      else
        check(capture, { c = { window_full = { 1003 } }, s = { acked_unseen = { frame + 1 } } })
      end
    end
  end)

  it("are retransmissions when time runs backwards, unlike in Wireshark (E38, D8)", function()
    local capture = craft.new():syn():syn_ack():c_ack(5001, { at = -9 * MS }):c(1101, 100)
      :after(SECOND):c(1001, 100):c(1301, 100):after(-MS):c(1201, 100)
    local result = check(capture, { c = { lost_segments = { 4, 6 }, retransmissions = { 5, 7 } } })
    assert.are.equal(2, result.capture.time_regressions)
    assert.is_nil(result.connections[1].irtt_ms)
  end)

  it("may come after sub-seconds of more than a second, unlike in Wireshark (D9)", function()
    local capture = hs():after(SECOND):c(1001, 10):c(1011, 10)
    capture.frames[4].fraction = 1500 * MS
    local result = check(capture, {})
    assert.are.equal(1, result.capture.time_regressions)
    assert.is_near(2480, result.connections[1].max_idle_ms, 1e-6)
  end)
end)

describe("acknowledgements and windows", function()
  it("of data that was not captured (E31)", function()
    local capture = hs():s_ack(1101):c(1101, 10):after(10 * MS):c(1101, 10)
    check(capture, { c = { lost_segments = { 5 }, retransmissions = { 6 } }, s = { acked_unseen = { 4 } } })
  end)

  it("are duplicates whatever MPTCP options they have, unlike in Wireshark (D11)", function()
    local dss, fastclose = "\30\8\32\1\0\0\0\1", "\30\12\112\0" .. ("\1"):rep(8)
    local capture = hs():s(5001, 10):c_ack(5011, { options = fastclose })
      :c_ack(5011, { options = dss }):c_ack(5011, { options = dss })
    check(capture, { c = { duplicate_acks = { 6, 7 } } })
  end)

  it("without a hole on record make the next one fast (W4)", function()
    local capture = hs():c(1001, 10):s(5001, 100, { ack = 1001 }):c_ack(9000):after(20 * MS - 2 * MS):c(1001, 10)
    check(capture, { c = { acked_unseen = { 6 }, retransmissions = { 7 }, fast_retransmissions = 1 } })
  end)

  it("keep a connection alive (E32)", function()
    local capture = hs():c(1001, 10):s_ack(1011):after(SECOND):c(1010, 0):s_ack(1011)
      :after(SECOND):c(1010, 1):s_ack(1011):c(1000, 0)
    check(capture, { c = { keep_alives = { 6, 8 }, unique_bytes = 10 }, s = { keep_alive_acks = 2 } })
  end)

  it("fill, close and probe a window (E33)", function()
    local shut = { win = 0 }
    local capture = hs():c(1001, 1000):s_ack(2001, shut):c(2001, 1):s_ack(2001, shut):c(2001, 1)
      :s_ack(2002):c(2002, 100)
    check(capture, {
      c = { window_full = { 4 }, zero_window_probes = 2, lost_segments = { 10 } },
      s = { zero_windows = { 5, 7 }, zero_window_probe_acks = 1, acked_unseen = { 9 } },
    })
  end)

  it("fill a window to the last byte, not one less or more", function()
    check(hs():c(1001, 999), {})
    check(hs():c(1001, 1000), { c = { window_full = { 4 } } })
    check(hs():c(1001, 1001), {})
  end)

  it("are not scaled when one side does not offer it (E39)", function()
    for _, offer in ipairs({ { c = { scale = 7 } }, { s = { scale = 7 } } }) do
      local capture = craft.new():hs(offer):c(1001, 1000):s(5001, 1000, { ack = 2001 })
      check(capture, { c = { window_full = { 4 }, max_window = 1000 }, s = { window_full = { 5 }, max_window = 1000 } })
    end
  end)

  it("are scaled when both do, but for the SYN's (E40)", function()
    local capture = craft.new():hs({ c = { scale = 7 }, s = { scale = 7 } }):c(1001, 1000):s_ack(2001, { win = 10 })
      :c(2001, 1280)
    check(capture, { c = { window_full = { 4, 6 }, max_window = 128000 }, s = { max_window = 1280 } })
  end)

  it("are scaled by 14 at most", function()
    local capture = craft.new():hs({ c = { scale = 7 }, s = { scale = 15 } }):s_ack(1001, { win = 2 }):c(1001, 32768)
    check(capture, { c = { window_full = { 5 } }, s = { max_window = 32768, window_updates = 1 } })
  end)

  it("never fill a window of unknown scale", function()
    check(craft.new():s_ack(1001):c(1001, 1000), { c = { max_window = nil } })
  end)

  it("are duplicates even when nothing is outstanding (W14)", function()
    check(hs():s_ack(1001), { s = { duplicate_acks = { 4 } } })
  end)

  it("are updates when only the window differs", function()
    check(hs():s_ack(1001, { win = 999 }):s_ack(1001, { win = 999 }),
      { s = { window_updates = 1, duplicate_acks = { 5 } } })
    check(hs():s_ack(1001, { win = 0 }), { s = { zero_windows = { 4 } } })
  end)
end)
