-- Hand-made results, complete and consistent, for specs of what stands above
-- the core.  Each field of this table makes a fresh one.

local samples = {}

local function direction(counts)
  local base = {
    packet_count = 0, byte_count = 0, captured_bytes = 0, syn_count = 0, syn_ack_count = 0, rst_count = 0,
    fin_count = 0, data_packets = 0, retransmissions = 0, payload_bytes = 0, unique_bytes = 0,
    retransmitted_bytes = 0, missing_bytes = 0, fast_retransmissions = 0, spurious_retransmissions = 0,
    out_of_order = 0, capture_duplicates = 0, lost_segments = 0, acked_unseen = 0, duplicate_acks = 0,
    max_duplicate_acks = 0, keep_alives = 0, keep_alive_acks = 0, zero_windows = 0, zero_window_ms = 0,
    zero_window_probes = 0, zero_window_probe_acks = 0, window_updates = 0, window_full = 0,
    late_segments = { resent = 0, reordered = 0, duplicated = 0, undecided = 0 },
  }
  for key, value in pairs(counts) do
    base[key] = value
  end
  return base
end

local function latency(count, min, median, p95, max)
  return { count = count, min = min, median = median, p95 = p95, max = max }
end

local function zeros(n, at)
  local list = {}
  for i = 1, n do
    list[i] = at[i] or 0
  end
  return list
end

-- A download that loses segments toward the client, and a server that resets
-- one connection in the middle of an answer.
function samples.ok()
  local payload_down, payload_up = {}, {}
  for i = 1, 60 do
    payload_down[i] = i <= 40 and 90000 + (i * 7919) % 60000 or 0
    payload_up[i] = i % 10 == 1 and 420 or 0
  end
  return {
    schema_version = "1",
    file = "captures/shop front.pcapng",
    analysis_timestamp = "2026-03-01T10:00:00Z",
    rules = "wireshark-4.0",
    server = "192.0.2.80:443",
    status = "ok",
    total_packets = 7421,
    tcp_packets_found = 7300,
    client_to_server = direction {
      packet_count = 2504, byte_count = 168412, captured_bytes = 168412, syn_count = 8, fin_count = 4, rst_count = 0,
      data_packets = 12, payload_bytes = 5040, unique_bytes = 5040, duplicate_acks = 214,
      throughput_bps = 1344, retransmission_rate = 0, rtt_ms = latency(10, 20.1, 21.4, 30.2, 31.9),
    },
    server_to_client = direction {
      packet_count = 4312, byte_count = 6204120, captured_bytes = 6204120, syn_count = 6, syn_ack_count = 6,
      fin_count = 3, rst_count = 3, data_packets = 4197, retransmissions = 101, payload_bytes = 5962331,
      unique_bytes = 5819012, retransmitted_bytes = 143319, fast_retransmissions = 62, spurious_retransmissions = 2,
      out_of_order = 9, zero_windows = 2, zero_window_ms = 840.5, window_full = 3, throughput_bps = 1589955,
      retransmission_rate = 0.0240648,
      late_segments = { resent = 104, reordered = 6, duplicated = 0, undecided = 0, resent_seen = 101,
        resent_unseen = 3, resent_needless = 2 },
      rtt_ms = latency(2011, 0.05, 0.31, 1.2, 4),
    },
    analysis = {
      asymmetry_ratio = 0.5807,
      primary_rst_source = "server",
      data_flow_direction = "server_heavy",
      interpretation = "The path toward the client loses 2.4 % of the data segments, which costs each download "
        .. "about a third of its time. The server reset 1 of 8 connections in the middle of an answer "
        .. "and refused 2 more.",
      asymmetry = {
        packets = { ratio = 0.5807, label = "server_heavy" },
        wire_bytes = { ratio = 0.0271, label = "server_heavy" },
        payload_bytes = { ratio = 0.0008, label = "server_heavy" },
      },
      handshakes = {
        attempted = { client = 8, server = 0 }, completed = { client = 5, server = 0 },
        refused = { client = 2, server = 0 }, unanswered = { client = 1, server = 0 },
        retried = { client = 1, server = 2 }, half_open = { client = 0, server = 0 }, without_data = 0,
      },
      resets = {
        connections = 4,
        refused = { client = 0, server = 2, frames = { client = {}, server = { 900, 912 } } },
        half_open = { client = 0, server = 0, frames = { client = {}, server = {} } },
        mid_data = { client = 0, server = 1, frames = { client = {}, server = { 5120 } } },
        after_close = { client = 1, server = 0, frames = { client = { 7000 }, server = {} } },
      },
      latency = {
        handshake_rtt_ms = { server = latency(5, 0.21, 0.24, 0.4, 0.4), client = latency(5, 19.8, 20.4, 24.1, 24.1) },
        data_rtt_ms = { server = latency(12, 0.2, 0.35, 1.1, 1.2), client = latency(2011, 20.0, 22.7, 61.3, 204.6) },
        server_response_ms = latency(12, 3.1, 14.9, 1204, 1210.5),
      },
      vantage = { place = "server", confidence = "high", why = "0.240 ms to the server, 20.4 ms to the client" },
      withheld = {
        { id = "slow_client", why = "too few requests were seen" },
        { id = "client_idle", why = "too few requests were seen" },
      },
      findings = {
        {
          id = "loss_toward_client", severity = "warning", side = "network", confidence = "high",
          text = "Segments toward the client are lost behind the capture point: 104 were sent again, "
            .. "2.5 % of the data.",
          evidence = {
            counts = { resent = 104, data_packets = 4197, duplicate_acks = 214 },
            counter_evidence = { "6 late segments were only reordered" },
            frames = { 212, 240, 241, 377, 402, 500, 511, 512, 700, 701, 702, 703 },
            display_filter = "tcp.analysis.retransmission && ip.src == 192.0.2.80 && tcp.srcport == 443",
          },
        },
        {
          id = "reset_mid_data", severity = "error", side = "server", confidence = "medium",
          text = "The server reset 1 connection while it was sending.",
          settle = "the server's log of that second",
          evidence = {
            counts = { connections = 1, payload_bytes = 811008, frames = 7421 },
            counter_evidence = { "its TTL is that of the server's other packets", "no packet of the server follows" },
            frames = { 5120 },
            display_filter = "tcp.flags.reset == 1 && ip.src == 192.0.2.80",
          },
        },
        {
          id = "idle", severity = "info", side = "client", confidence = "high",
          text = "One connection was idle for 4.2 s before the client went on.",
          evidence = { counts = { max_silence_ms = 4200.4 } },
        },
      },
    },
    connections = {
      {
        client = "198.51.100.7:51112", server = "192.0.2.80:443", state = "RSTR", state_text = "reset by server",
        history = "ShADadr", first_ms = 1204, last_ms = 7104, duration_ms = 5900,
        client_to_server = { packet_count = 402, byte_count = 24120, payload_bytes = 1260, retransmissions = 0 },
        server_to_client = { packet_count = 611, byte_count = 844206, payload_bytes = 811008, retransmissions = 21 },
        handshake = { syn_synack_ms = 0.24, synack_ack_ms = 20.4, total_ms = 20.64, syn_retransmits = 0 },
        reset = { by = "server", phase = "mid_data" },
      },
      {
        client = "[2001:db8:1234:5678:9abc:def0:1234:5678]:40001", server = "192.0.2.80:443", state = "SF",
        state_text = "closed", first_ms = 500, last_ms = 30500, duration_ms = 30000,
        client_to_server = { packet_count = 1402, byte_count = 84120, payload_bytes = 2100, retransmissions = 0,
          resent = 0, zero_window_ms = 840.5 },
        server_to_client = { packet_count = 2811, byte_count = 4144206, payload_bytes = 4011008,
          retransmissions = 70, resent = 73 },
      },
      {
        client = "198.51.100.9:40999", server = "192.0.2.80:443", state = "REJ", state_text = "refused",
        first_ms = 9250, last_ms = 9250.3, duration_ms = 0.3,
        client_to_server = { packet_count = 1, byte_count = 74, payload_bytes = 0, retransmissions = 0 },
        server_to_client = { packet_count = 1, byte_count = 54, payload_bytes = 0, retransmissions = 0 },
        reset = { by = "server", phase = "refused", after_ms = 12 },
        handshake = { syn_retransmits = 2 },
      },
    },
    connection_count = 8,
    connection_sums = {
      clients = 3, mid_stream = 1, states = { SF = 3, RSTR = 1, REJ = 2, S0 = 1, S1 = 1 },
    },
    icmp = {
      { ip_version = 4, type = 3, code = 4, mtu = 1400, count = 2, reporter = "203.0.113.1",
        about = "server_to_client", frames = { 40, 41 } },
      { ip_version = 4, type = 3, code = 77, count = 1, reporter = "203.0.113.2", about = "client_to_server",
        frames = {} },
    },
    timeline = {
      bucket_ms = 500, start_time = 1772359200,
      client_to_server = {
        packets = zeros(60, { 40, 42, 41 }), payload_bytes = payload_up, retransmissions = zeros(60, {}),
        resets = zeros(60, {}),
      },
      server_to_client = {
        packets = zeros(60, { 70, 71, 73, [10] = 80, [19] = 1 }), payload_bytes = payload_down,
        retransmissions = zeros(60, { [3] = 4, [10] = 30, [11] = 2, [33] = 65 }),
        resets = zeros(60, { [15] = 1, [19] = 2 }),
      },
    },
    capture = {
      format = "pcapng", compression = "none", link_types = { { name = "EN10MB", number = 1, frames = 7421 } },
      snaplen = 262144, first_time = 1772359200, last_time = 1772359230.5, duration_ms = 30500,
      frames = 7421, matched_frames = 6816, other_tcp_frames = 484, not_tcp_frames = 119, undecoded_frames = 0,
      fragment_frames = 2, sliced_header_frames = 0, malformed_frames = 0, sliced_bytes = 0,
    },
  }
end

-- The right file, the wrong port.
function samples.no_match()
  return {
    schema_version = "1",
    file = "web.pcap",
    analysis_timestamp = "2026-03-01T10:00:00Z",
    server = "192.0.2.80:80",
    status = "no_match",
    total_packets = 512,
    tcp_packets_found = 498,
    client_to_server = direction {},
    server_to_client = direction {},
    analysis = {
      asymmetry_ratio = 0, primary_rst_source = "balanced", data_flow_direction = "none",
      interpretation = "None of the 498 TCP segments belongs to 192.0.2.80:80.", findings = {}, withheld = {},
    },
    connections = {},
    candidates = {
      { server = "192.0.2.80:8443", packets = 402, syns = 11, why = "the address that was asked for, on another port" },
      { server = "[2001:db8::80]:80", packets = 96, syns = 3, why = "the port that was asked for" },
    },
    likely_slip = {
      kind = "port", server_ip = "192.0.2.80", server_port = 8443, text = "192.0.2.80 is there, but on port 8443.",
    },
    capture = {
      format = "pcap", link_types = { { name = "EN10MB", number = 1, frames = 512 } }, snaplen = 96,
      first_time = 1772359200, last_time = 1772359201, duration_ms = 1000,
      frames = 512, matched_frames = 0, other_tcp_frames = 498, not_tcp_frames = 14, undecoded_frames = 0,
      fragment_frames = 0, sliced_header_frames = 0, malformed_frames = 0, sliced_bytes = 204800,
    },
  }
end

function samples.no_tcp()
  local result = samples.no_match()
  result.status = "no_tcp"
  result.tcp_packets_found = 0
  result.analysis.interpretation = nil
  result.candidates = {}
  result.likely_slip = nil
  result.capture.other_tcp_frames = 0
  result.capture.not_tcp_frames = 212
  result.capture.undecoded_frames = 300
  return result
end

-- A file that ends in the middle of a record.
function samples.truncated()
  local result = samples.ok()
  result.capture.truncated = { reason = "the last record is cut", offset = 1048576, input = result.file }
  return result
end

-- A limit ended the work.
function samples.stopped()
  local result = samples.ok()
  result.capture.stopped = { reason = "limit", message = "max_packets (7421) reached" }
  return result
end

-- What the tool that came before gave, and nothing else.
function samples.minimal()
  local function counts(n)
    return { packet_count = n, byte_count = n * 60, syn_count = 1, rst_count = 0, fin_count = 1, data_packets = 2,
      retransmissions = 0 }
  end
  return {
    file = "a.pcap", server = "10.0.0.2:80", total_packets = 14, tcp_packets_found = 14,
    client_to_server = counts(7), server_to_client = counts(7),
    analysis = { asymmetry_ratio = 1, primary_rst_source = "balanced", data_flow_direction = "balanced" },
  }
end

-- Text that attacks terminals, Markdown, HTML and readers.
samples.poison = table.concat {
  "<script>alert(1)</script>", "\27[2J\27]0;x\7", "|", "`", "``", "*b*", "_i_", "[l](javascript:x)", "\n# h\r\n",
  "\0", "\127", "\194\155", "\226\128\174", "\226\128\139", "\243\160\129\129", "\255\254", "\192\175",
  "&lt;", "\"'", "\\", "$(id)", "-->", "]]>", "</style>", "</title>",
}

local function poison(value)
  if type(value) == "string" then
    return value .. samples.poison
  elseif type(value) ~= "table" then
    return value
  end
  local out = {}
  for key, item in pairs(value) do
    out[key] = poison(item)
  end
  return out
end

-- The complete result with every string poisoned, but for the status.
function samples.hostile()
  local result = poison(samples.truncated())
  result.status = "ok"
  result.analysis.findings[1].evidence["key" .. samples.poison] = 1
  result.analysis.handshakes["odd" .. samples.poison] = 2
  return result
end

function samples.hostile_no_match()
  local result = poison(samples.no_match())
  result.status = "no_match"
  return result
end

return samples
