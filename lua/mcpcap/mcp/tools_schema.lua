--- The shapes of what the tools take and give, as JSON Schema.
--
-- What they give comes from the field table, twice: the shape of a whole answer, by which it is
-- written and cut, and in `declared` what the list of tools says of it.  That list is paid for
-- before the first question, so it shows only what a model asks for first; the resource
-- `mcpcap://guide/keys` has every key.
-- @module mcpcap.mcp.tools_schema

local fields_schema = require "mcpcap.mcp.fields_schema"
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

-- ------------------------------------------------------------------ arguments

local MAX_COUNT = 2 ^ 53 - 1

-- A client gives its model every description of every tool before the first question: what is said here is what a
-- wrong call would not tell.
local ARGUMENTS = {
  pcap_file = { type = "string", minLength = 1, maxLength = 4096, description = "Path or http(s) URL of a pcap or "
    .. "pcapng file, also compressed; a folder or a pattern (/cap/web*.pcap) is one series of files." },
  pcap_files = { type = "array", minItems = 1, maxItems = 6,
    items = { type = "string", minLength = 1, maxLength = 4096 },
    description = "One path or URL for each point of the path, in any order; one alone: a file merged of two points." },
  servers = { type = "array", minItems = 1, maxItems = 6, items = { type = "string", maxLength = 64 },
    description = "Where the server's address is translated: its address at each capture (10.0.0.8:8443), or \"\" for "
      .. "the usual." },
  server_ip = { type = "string", minLength = 1, maxLength = 64, description = "The server's IPv4 or IPv6 address." },
  server_port = { type = "integer", minimum = 1, maximum = 65535, description = "Without it, all its ports." },
  -- The time of libpcap's compiler grows with the third power of the alternatives; of this length it is a fraction
  -- of a second.
  filter = { type = "string", minLength = 1, maxLength = 1024, description = "Only packets that match: BPF, as for "
    .. "tcpdump, without host names." },
  start_time = { type = "number", description = "Only packets from then on: seconds since 1970 (UTC)." },
  end_time = { type = "number", description = "Only packets before then." },
  max_packets = { type = "integer", minimum = 1, maximum = MAX_COUNT, description = "Stop there; the result is then "
    .. "partial and says so." },
  connections = { type = "integer", minimum = 0, maximum = 50, default = 10, description = "How many to show, the most "
    .. "telling first." },
  buckets = { type = "integer", minimum = 1, maximum = 200, default = 20, description = "Pieces of the timeline." },
  rules = { type = "string", enum = { "wireshark-4.0", "wireshark-4.4", "wireshark-4.6" }, default = "wireshark-4.6",
    description = "Whose rules the counters follow; findings do not depend on it." },
  application = { type = "boolean", default = true, description = "Read TLS, HTTP, DNS and PROXY headers, too." },
  client = { type = "string", minLength = 1, maxLength = 64, description = "The client's end: 192.0.2.10:50123" },
  number = { type = "integer", minimum = 1, maximum = MAX_COUNT, description = "The server's how manieth connection, "
    .. "from 1." },
  frame = { type = "integer", minimum = 1, maximum = MAX_COUNT, description = "Any frame of it, such as one that a "
    .. "finding names." },
  from_frame = { type = "integer", minimum = 1, maximum = MAX_COUNT, description = "Only segments from there on." },
  to_frame = { type = "integer", minimum = 1, maximum = MAX_COUNT, description = "Only segments up to there." },
  segments = { type = "integer", minimum = 1, maximum = 200, default = 40, description = "About how many to show: "
    .. "those that matter most." },
  max_servers = { type = "integer", minimum = 1, maximum = 100, default = 20, description = "How many to show, those "
    .. "in trouble first." },
  detailed = { type = "boolean", default = false, description = "Show up to 100 connections instead of 10." },
  threshold = { type = "number", minimum = 0, maximum = 1, default = 0.02, description = "Retransmitted share of its "
    .. "packets above which a connection is reported." },
}

local FORMATS = {
  flow = { "markdown", "text", "json" },
  view = { "markdown", "json" },
}

-- Arguments by name; those of the list `required` come first.
local function arguments(required, optional, formats)
  local properties = {
    format = { type = "string", enum = names(formats), default = "markdown",
      description = "Of the answer's text part." },
  }
  for _, list in ipairs { required, optional } do
    for _, name in ipairs(list) do
      properties[name] = ARGUMENTS[name]
    end
  end
  return object(properties, required, { additionalProperties = false })
end

tools_schema.flow_arguments = arguments({ "pcap_file", "server_ip" },
  { "server_port", "filter", "start_time", "end_time", "max_packets", "connections", "buckets", "rules",
    "application" }, FORMATS.flow)
tools_schema.connections_arguments = arguments({ "pcap_file" },
  { "server_ip", "server_port", "detailed", "filter", "max_packets", "rules" }, FORMATS.view)
tools_schema.anomalies_arguments = arguments({ "pcap_file" },
  { "server_ip", "server_port", "filter", "max_packets", "rules" }, FORMATS.view)
tools_schema.retransmissions_arguments = arguments({ "pcap_file" },
  { "server_ip", "server_port", "threshold", "filter", "max_packets", "rules" }, FORMATS.view)

tools_schema.compare_arguments = arguments({ "pcap_files", "server_ip" },
  { "server_port", "servers", "filter", "start_time", "end_time", "max_packets", "connections" }, FORMATS.flow)

tools_schema.connection_arguments = arguments({ "pcap_file", "server_ip" },
  { "server_port", "client", "number", "frame", "from_frame", "to_frame", "segments", "rules" }, FORMATS.flow)
tools_schema.servers_arguments = arguments({ "pcap_file" },
  { "max_servers", "filter", "start_time", "end_time", "max_packets" }, FORMATS.flow)

-- -------------------------------------------------------------------- results

-- Keys that are shown, by part; a part that is not here is shown whole.
local SHOWN = {
  result = { "schema_version", "file", "analysis_timestamp", "server", "server_ip", "server_port", "status", "rules",
    "total_packets", "tcp_packets_found", "client_to_server", "server_to_client", "analysis", "connection_count",
    "connections", "connection_sums", "capture", "timeline", "icmp", "candidates", "candidates_total", "likely_slip" },
  direction = { "packet_count", "byte_count", "payload_bytes", "syn_count", "syn_ack_count", "rst_count", "fin_count",
    "data_packets", "retransmissions", "retransmission_rate", "late_segments", "rtt_ms" },
  late_segments = { "resent", "reordered", "duplicated", "undecided" },
  durations = { "count", "median", "p95" },
  analysis = { "interpretation", "findings", "withheld", "vantage", "handshakes", "resets", "latency", "asymmetry",
    "asymmetry_ratio", "primary_rst_source", "data_flow_direction" },
  asymmetry = { "one_sided_capture" },
  handshakes = { "attempted", "completed", "refused", "unanswered", "half_open" },
  resets = { "connections", "refused", "half_open", "without_data", "mid_data" },
  reset_phase = { "client", "server" },
  latency = { "handshake_rtt_ms", "server_response_ms" },
  vantage = { "place", "confidence" },
  counts = false,
  connection = { "client", "server", "state", "state_text", "outcome", "duration_ms", "client_to_server",
    "server_to_client" },
  connection_direction = false,
  connection_outcome = { "code", "text", "by" },
  connection_sums = false,
  icmp = { "type", "code", "count", "reporter" },
  link_type = false,
  capture = { "format", "frames", "matched_frames", "matched_segments", "tcp_segments", "sliced_frames",
    "dropped_by_capture", "duration_ms", "truncated", "stopped" },
  timeline = false,
  candidate = { "server", "ip", "port", "packets", "why" },
  comparison = { "schema_version", "status", "server", "points", "between", "order_by", "same_point", "connections",
    "client_to_server", "server_to_client", "round_trip_ms", "answers", "pairs", "stretches", "analysis" },
  compared_stretch = false,
  compared_point = { "name", "place", "file", "packets", "clock", "findings" },
  compared_connections = { "paired", "translated", "sequence_shift", "proxied", "syn_answered_between", "rebound",
    "ambiguous", "unpaired" },
  compared_unpaired = false,
  compared_direction = { "segments_seen_at_both", "lost_between", "lost_bytes", "injected_between", "missed_by_capture",
    "undecided", "duplicated_between", "reordered_between", "changed", "delay_ms" },
  compared_change = { "packets", "connections" },
  compared_pair = false,
  compared_finding = { "id", "severity", "side", "confidence", "text", "between", "evidence", "single", "changes",
    "settle" },
  compared_evidence = { "frames", "display_filters" },
  compared_counts = false,
  told_connection = { "server", "client", "number", "connection_count", "others_of_pair", "other_frames",
    "interpretation", "dns", "tls", "connection", "segments", "segment_count", "segments_shown" },
  told_segment = { "skipped", "frame", "time_ms", "from", "flags", "seq", "ack", "payload_bytes", "window", "labels",
    "verdict", "cause", "answer_ms", "says", "why" },
  told_tls = { "offered", "sni", "version", "alpn", "server_hello_ms", "alerts" },
  told_skipped = { "segments", "first_frame", "last_frame", "payload_bytes" },
  overview = { "status", "file", "total_packets", "server_count", "servers_analysed", "servers_troubled",
    "servers_shown", "servers", "closed_hosts", "beside", "interpretation", "capture" },
  overview_server = { "server", "ip", "port", "analysed", "guessed", "connections", "bytes", "refused", "unanswered",
    "reset", "lost", "slow_answers", "severity", "side", "confidence", "verdict", "frames", "findings", "udp_datagrams",
    "quic_version" },
  closed_host = { "ip", "ports", "refused", "unanswered" },
  beside = { "udp_datagrams", "quic_packets", "icmp_errors", "arp_conflicts", "dns" },
  arp_conflict = { "ip", "macs" },
  dns = { "questions", "answers", "unanswered", "no_name", "failed", "slow" },
  view_observations = { "affected_connections", "by_connection" },
}

-- What is always there.
local REQUIRED = {
  result = { "schema_version", "file", "analysis_timestamp", "server", "status", "total_packets", "tcp_packets_found",
    "client_to_server", "server_to_client", "analysis", "connections", "connection_count", "capture" },
  direction = { "packet_count", "byte_count", "syn_count", "rst_count", "fin_count", "data_packets",
    "retransmissions" },
  analysis = { "asymmetry_ratio", "primary_rst_source", "data_flow_direction", "interpretation", "findings" },
  finding = { "id", "severity", "side", "confidence", "text" },
  connection = { "client", "server", "state" },
  capture = { "frames" },
  comparison = { "schema_version", "status", "server", "points", "analysis" },
  told_connection = { "server", "client", "interpretation", "segments", "segment_count", "segments_shown" },
  overview = { "status", "file", "server_count", "servers_shown", "servers", "interpretation" },
  overview_server = { "server", "ip", "port", "analysed", "connections", "severity", "verdict" },
  compared_point = { "name", "place", "file" },
  compared_finding = { "id", "severity", "side", "confidence", "text", "between" },
  compared_analysis = { "interpretation", "findings" },
  view = { "file", "analysis_timestamp", "status", "server", "server_chosen", "total_packets", "packets_analyzed",
    "truncated" },
  other_server = { "server", "packets" },
  view_connections = { "summary", "connections", "connections_shown", "issues" },
  view_connections_summary = { "total_connections", "successful_handshakes", "failed_handshakes",
    "established_connections", "reset_connections", "normal_close", "active_connections" },
  view_connection = { "client", "server", "state", "handshake_completed", "close_reason", "packet_count" },
  view_anomalies = { "statistics", "patterns", "summary" },
  view_statistics = { "total_connections", "total_packets", "handshake", "flags", "rst_distribution",
    "retransmissions", "connection_states" },
  view_pattern = { "pattern", "category", "observations", "description" },
  view_anomalies_summary = { "total_patterns", "by_category", "notable_observations" },
  view_notable = { "type", "detail" },
  view_retransmissions = { "total_retransmissions", "retransmission_rate", "threshold", "exceeds_threshold",
    "by_connection", "summary" },
  view_lossy = { "connection", "retrans_count", "total_packets", "retrans_rate" },
  view_direction = { "data_packets", "retransmissions" },
  view_retransmissions_summary = { "worst_connection", "worst_retrans_rate", "connections_above_threshold" },
}

local CHOICE = { shown = SHOWN, required = REQUIRED }

tools_schema.flow_result = fields_schema.of({ "result" }, CHOICE)
tools_schema.connection_result = fields_schema.of({ "told_connection" }, CHOICE)
tools_schema.servers_result = fields_schema.of({ "overview" }, CHOICE)
tools_schema.compare_result = fields_schema.of({ "comparison" }, CHOICE)
-- Rows may be left out of an answer; how many are there is said by the tool.
tools_schema.flow_result.properties.connections_shown = { type = "integer", minimum = 0,
  description = "connections in this answer" }
for _, kind in ipairs { "connections", "anomalies", "retransmissions" } do
  tools_schema[kind .. "_result"] = fields_schema.of({ "view", "view_" .. kind }, CHOICE)
end

-- ------------------------------------------------------------------- declared

local FINDING = { "id", "severity", "side", "confidence", "text", "settle", "evidence" }

local BRIEF = {
  result = { "status", "server", "total_packets", "tcp_packets_found", "analysis", "connection_count", "connections",
    "client_to_server", "server_to_client", "capture", "timeline", "candidates", "likely_slip" },
  analysis = { "interpretation", "findings", "withheld", "handshakes", "resets", "latency" },
  finding = FINDING,
  evidence = { "counter_evidence", "frames", "display_filter" },
  connection = { "client", "server", "state", "state_text" },
  comparison = { "status", "server", "points", "between", "connections", "client_to_server", "server_to_client",
    "pairs", "stretches", "analysis" },
  compared_point = { "name", "place", "file", "clock", "findings" },
  compared_analysis = { "interpretation", "findings" },
  compared_finding = { "id", "severity", "side", "confidence", "text", "between", "settle", "evidence" },
  compared_evidence = { "frames", "display_filters" },
  told_connection = { "server", "client", "interpretation", "connection", "segments", "segment_count",
    "segments_shown" },
  told_segment = { "frame", "time_ms", "from", "flags", "labels", "verdict", "why", "skipped" },
  told_skipped = { "segments", "first_frame", "last_frame" },
  overview = { "status", "interpretation", "server_count", "servers_troubled", "servers_shown", "servers",
    "closed_hosts", "beside", "capture" },
  overview_server = { "server", "ip", "port", "connections", "severity", "side", "confidence", "verdict", "frames",
    "findings" },
  view = { "status", "server", "server_chosen", "other_servers", "total_packets", "truncated" },
  other_server = { "server", "packets" },
  view_connections = { "summary", "connections", "connections_shown", "issues" },
  view_connection = { "client", "server", "state", "close_reason" },
  view_anomalies = { "statistics", "patterns", "summary" },
  view_pattern = { "pattern", "category", "description" },
  view_retransmissions = { "total_retransmissions", "retransmission_rate", "threshold", "exceeds_threshold",
    "by_connection", "summary" },
  view_lossy = { "connection", "retrans_count", "retrans_rate" },
}

local DESCRIBED = {
  ["analysis.interpretation"] = true, ["analysis.findings"] = true, ["analysis.withheld"] = true,
  ["finding.side"] = true, ["finding.settle"] = true, ["evidence.counter_evidence"] = true,
  ["compared_finding.side"] = true, ["compared_finding.settle"] = true,
  ["result.candidates"] = true, ["overview_server.verdict"] = true, ["told_segment.labels"] = true,
}

-- Of what is always there, what is shown.
local function required_and_shown()
  local both = {}
  for part, keys in pairs(BRIEF) do
    local shown, list = {}, {}
    for _, key in ipairs(keys) do
      shown[key] = true
    end
    for _, key in ipairs(REQUIRED[part] or {}) do
      if shown[key] then
        list[#list + 1] = key
      end
    end
    both[part] = list[1] and list or nil
  end
  return both
end

local DECLARED = { shown = BRIEF, required = required_and_shown(), described = DESCRIBED }

--- What the list of tools says of each answer: true of it, and short.
tools_schema.declared = {}
for name, parts in pairs { flow = { "result" }, connection = { "told_connection" }, servers = { "overview" },
  compare = { "comparison" }, connections = { "view", "view_connections" }, anomalies = { "view", "view_anomalies" },
  retransmissions = { "view", "view_retransmissions" } } do
  local rule = fields_schema.of(parts, DECLARED)
  rule.description = "Every key: resource mcpcap://guide/keys"
  tools_schema.declared[name] = rule
end

return tools_schema
