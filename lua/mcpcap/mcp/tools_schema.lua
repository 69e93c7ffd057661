--- The shapes of what the tools take and give, as JSON Schema.
--
-- Only what a client may rely on is required; more fields may stand beside it,
-- so that a result can grow.
-- @module mcpcap.mcp.tools_schema

local json = require "mcpcap.json"

local tools_schema = {}

local function names(list)
  return json.array(list)
end

local function object(properties, required, more)
  local rule = { type = "object", properties = properties, required = required and names(required) or nil }
  for key, value in pairs(more or {}) do
    rule[key] = value
  end
  return rule
end

local function list_of(items, description)
  return { type = "array", items = items, description = description }
end


local function text(description)
  return { type = "string", description = description }
end

local function count(description)
  return { type = "integer", minimum = 0, description = description }
end

local function number(description)
  return { type = "number", description = description }
end

local function flag(description)
  return { type = "boolean", description = description }
end

local function one_of(values, description)
  return { type = "string", enum = names(values), description = description }
end

-- A map from names to counts.
local function counts(description)
  return { type = "object", additionalProperties = count(), description = description }
end

-- ------------------------------------------------------------------ arguments

local MAX_COUNT = 2 ^ 53 - 1

local ARGUMENTS = {
  pcap_file = { type = "string", minLength = 1, maxLength = 4096, description = "The capture: a local path, or an "
    .. "http:// or https:// URL. pcap or pcapng, also compressed (gzip, zstd, xz, lz4, bzip2)." },
  server_ip = { type = "string", minLength = 1, maxLength = 64, description = "IPv4 or IPv6 address of the server." },
  server_port = { type = "integer", minimum = 1, maximum = 65535, description = "TCP port of the server; without it "
    .. "all its ports count." },
  filter = { type = "string", minLength = 1, maxLength = 4096, description = "Only packets that match this BPF "
    .. "expression (tcpdump syntax), for example: net 10.1.0.0/16" },
  start_time = { type = "number", description = "Only packets from this time on, in seconds since 1970 (UTC)." },
  end_time = { type = "number", description = "Only packets before this time, in seconds since 1970 (UTC)." },
  max_packets = { type = "integer", minimum = 1, maximum = MAX_COUNT, description = "Stop after so many packets; the "
    .. "result then says that it is partial." },
  connections = { type = "integer", minimum = 0, maximum = 50, default = 10, description = "How many connections to "
    .. "show, the most telling first." },
  buckets = { type = "integer", minimum = 1, maximum = 200, default = 20, description = "Into how many pieces the "
    .. "timeline is cut, at most." },
  detailed = { type = "boolean", default = false, description = "Show up to 100 connections instead of 10." },
  threshold = { type = "number", minimum = 0, maximum = 1, default = 0.02, description = "Retransmitted share of all "
    .. "packets above which a connection is reported as lossy." },
}

local FORMATS = {
  flow = { "markdown", "text", "json" },
  view = { "markdown", "json" },
}

-- Arguments by name; those of the list `required` come first.
local function arguments(required, optional, formats)
  local properties = {
    format = { type = "string", enum = names(formats), default = "markdown", description = "How the text part of the "
      .. "answer is written; the structured part is always there." },
  }
  for _, list in ipairs { required, optional } do
    for _, name in ipairs(list) do
      properties[name] = ARGUMENTS[name]
    end
  end
  return object(properties, required, { additionalProperties = false })
end

tools_schema.flow_arguments = arguments({ "pcap_file", "server_ip" },
  { "server_port", "filter", "start_time", "end_time", "max_packets", "connections", "buckets" }, FORMATS.flow)
tools_schema.connections_arguments = arguments({ "pcap_file" },
  { "server_ip", "server_port", "detailed", "filter", "max_packets" }, FORMATS.view)
tools_schema.anomalies_arguments = arguments({ "pcap_file" },
  { "server_ip", "server_port", "filter", "max_packets" }, FORMATS.view)
tools_schema.retransmissions_arguments = arguments({ "pcap_file" },
  { "server_ip", "server_port", "threshold", "filter", "max_packets" }, FORMATS.view)

-- -------------------------------------------------------------------- results

local STATUS = one_of({ "ok", "no_match", "no_tcp" }, "no_match: TCP, but none of this server; no_tcp: no TCP at all")

local CAPTURE = object({
  format = text(), frames = count(), matched_frames = count(), matched_segments = count(), tcp_segments = count(),
  truncated = object({ reason = text(), offset = count() }, nil, { description = "The capture ends early." }),
  stopped = object({ reason = text(), message = text() }, nil, { description = "A limit ended the work." }),
}, { "frames" }, { description = "What was read, and how well." })

local function direction(description)
  return object({
    packet_count = count(), byte_count = count("bytes on the wire"), payload_bytes = count(),
    syn_count = count("SYN-ACKs included"), syn_ack_count = count(), rst_count = count(), fin_count = count(),
    data_packets = count(), retransmissions = count(), retransmission_rate = number("of the segments with data"),
    rtt_ms = object({ count = count() }), late_segments = counts(),
  }, { "packet_count", "byte_count", "syn_count", "rst_count", "fin_count", "data_packets", "retransmissions" },
    { description = description })
end

local FINDING = object({
  id = text(), severity = one_of { "error", "warning", "info" },
  side = one_of({ "client", "server", "network", "capture" }, "whom it concerns"),
  confidence = one_of { "high", "medium", "low" },
  text = text(), settle = text("what would settle it"),
  evidence = object({
    counts = object {}, counter_evidence = list_of(text()), frames = list_of(count(), "first frame numbers"),
    display_filter = text("shows the same packets in Wireshark"),
  }),
}, { "id", "severity", "side", "confidence", "text" })

local ANALYSIS = object({
  asymmetry_ratio = number("packets, client to server / server to client"),
  primary_rst_source = one_of { "client", "server", "balanced" },
  data_flow_direction = one_of { "client_heavy", "server_heavy", "balanced", "client_only", "server_only", "none" },
  interpretation = text("what the counts bear, in a sentence or two"),
  findings = list_of(FINDING, "the weightiest first"),
  asymmetry = object {}, resets = object {}, handshakes = object {}, latency = object {},
}, { "asymmetry_ratio", "primary_rst_source", "data_flow_direction", "interpretation", "findings" })

local CANDIDATES = list_of(object({ server = text(), ip = text(), port = count(), packets = count() }),
  "servers of this capture, when the one that was asked for is not there")

tools_schema.flow_result = object({
  schema_version = text(), file = text(), analysis_timestamp = text("UTC"), server = text(), server_ip = text(),
  server_port = count(), status = STATUS, total_packets = count(), tcp_packets_found = count(), rules = text(),
  client_to_server = direction "from the clients to the server",
  server_to_client = direction "from the server to the clients",
  analysis = ANALYSIS,
  connections = list_of(object({
    client = text(), server = text(), state = text(), client_to_server = object {}, server_to_client = object {},
  }, { "client", "server", "state" }), "the most telling first"),
  connection_count = count "connections in all", connections_shown = count(),
  capture = CAPTURE, timeline = object {}, candidates = CANDIDATES, candidates_total = count(),
  likely_slip = object { text = text() },
}, { "schema_version", "file", "analysis_timestamp", "server", "status", "total_packets", "tcp_packets_found",
  "client_to_server", "server_to_client", "analysis", "connections", "connection_count", "capture" })

local CONNECTION_NAMES = "as client <-> server; the first ten"

local function view(properties, required)
  local all = {
    schema_version = text(), file = text(), analysis_timestamp = text("UTC"), status = STATUS, rules = text(),
    message = text("why there is nothing"), server = text("the server that was analysed"),
    server_chosen = flag("it was not asked for: it is the busiest of this capture"),
    other_servers = list_of(object({ server = text(), packets = count(), ports = list_of(count()) },
      { "server", "packets" }), "the busiest first"),
    other_servers_total = count(),
    filter = object { server_ip = text(), server_port = count() },
    total_packets = count(), tcp_packets_found = count("segments of this server"),
    packets_analyzed = count(), max_packets = count(), truncated = flag("only a part was read"),
    capture = CAPTURE,
  }
  local must = { "file", "analysis_timestamp", "status", "server", "server_chosen", "total_packets",
    "packets_analyzed", "truncated" }
  for name, rule in pairs(properties) do
    all[name] = rule
  end
  for _, name in ipairs(required) do
    must[#must + 1] = name
  end
  return object(all, must)
end

tools_schema.connections_result = view({
  summary = object({
    total_connections = count(), successful_handshakes = count(), failed_handshakes = count(),
    established_connections = count(), reset_connections = count(), normal_close = count(),
    active_connections = count(), mid_stream_connections = count(),
  }, { "total_connections", "successful_handshakes", "failed_handshakes", "established_connections",
    "reset_connections", "normal_close", "active_connections" }),
  connections = list_of(object({
    client = text(), server = text(), state = one_of { "closed", "active" }, state_code = text("as Zeek names it"),
    state_text = text(), handshake_completed = flag(), syn_count = count("SYN-ACK included"),
    syn_ack_count = count("1 when one was seen"), ack_count = count("segments that are neither SYN nor RST"),
    rst_count = count(), fin_count = count("sides that sent one"), data_packets = count(), retransmissions = count(),
    close_reason = one_of { "reset", "normal", "active", "unknown" }, packet_count = count(), byte_count = count(),
    duration_ms = number(), first_frame = count(), initiated_by_server = flag(),
  }, { "client", "server", "state", "handshake_completed", "close_reason", "packet_count" })),
  connections_shown = count("of summary.total_connections"),
  issues = list_of(text()),
}, { "summary", "connections", "connections_shown", "issues" })

tools_schema.anomalies_result = view({
  statistics = object({
    total_connections = count(), total_packets = count(),
    handshake = counts(), flags = counts(),
    rst_distribution = object {
      by_source = counts("resets by address, the first ten clients"), by_direction = counts(),
      connections_with_rst = list_of(text(), CONNECTION_NAMES), connections_with_rst_total = count(),
    },
    retransmissions = object {
      total = count(), rate = number("of all packets"), by_connection = counts(CONNECTION_NAMES),
    },
    connection_states = counts(),
  }, { "total_connections", "total_packets", "handshake", "flags", "rst_distribution", "retransmissions",
    "connection_states" }),
  patterns = list_of(object({
    pattern = text(), category = text(), description = text(),
    observations = object { affected_connections = list_of(text()), by_connection = counts() },
  }, { "pattern", "category", "observations", "description" })),
  summary = object({
    total_patterns = count(), by_category = counts(),
    notable_observations = list_of(object({ type = text(), detail = text() }, { "type", "detail" })),
  }, { "total_patterns", "by_category", "notable_observations" }),
}, { "statistics", "patterns", "summary" })

local LATE = object({
  data_packets = count(), retransmissions = count(),
  retransmission_rate = number("of the segments with data"),
  resent = count(), reordered = count(), duplicated = count(), undecided = count(),
}, { "data_packets", "retransmissions" })

tools_schema.retransmissions_result = view({
  total_retransmissions = count(), retransmission_rate = number("of all packets of this server"),
  threshold = number(), exceeds_threshold = flag(),
  by_connection = list_of(object({
    connection = text(), retrans_count = count(), retrans_to_server = count(), retrans_to_client = count(),
    total_packets = count(), retrans_rate = number(), first_frame = count(),
  }, { "connection", "retrans_count", "total_packets", "retrans_rate" }), "the ten worst"),
  by_direction = object { client_to_server = LATE, server_to_client = LATE },
  summary = object({
    worst_connection = text(), worst_retrans_rate = number(), connections_above_threshold = count(),
    connections_examined = count(), connections_total = count(),
  }, { "worst_connection", "worst_retrans_rate", "connections_above_threshold" }),
}, { "total_retransmissions", "retransmission_rate", "threshold", "exceeds_threshold", "by_connection", "summary" })

return tools_schema
