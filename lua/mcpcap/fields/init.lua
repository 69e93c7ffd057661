--- Every key of a result, written down once: name, type, unit, meaning, since which version.
--
-- A result is a tree of tables; each kind of table is a part: a list of entries, one a
-- line, in the file that `FILES` names for it.  From here come docs/result.md, the
-- output schemas of the Model Context Protocol and the units in reports; a test fails
-- on a key without an entry and on an entry that never appears.
--
-- An entry is `{ name, type, unit, since, meaning }`, and may have `one_of` (the values
-- that a text may have) and `filter` (the display filter of Wireshark that counts the
-- same).  A type is
--
--     integer, number, text, boolean
--     frames                    a list of frame numbers
--     NAME                      a table: the part of this name
--     list of TYPE, map of TYPE from free keys to it; pair of TYPE: { client =, server = }
--
-- @module mcpcap.fields

local fields = {}

-- Units: of what a number counts, or what it measures.  A size is the length of one thing in
-- bytes, which is shown in full; bytes are a sum.
fields.units = {
  -- counted
  addresses = "count", blocks = "count", connections = "count", datagrams = "count", frames = "count",
  gaps = "count", hops = "count", inputs = "count", interfaces = "count", patterns = "count", pieces = "count", ports = "count",
  requests = "count", samples = "count", segments = "count", servers = "count", silences = "count", bits = "count",
  -- measured
  bytes = "bytes", size = "size", ms = "ms", ["bit/s"] = "bit/s", share = "share", ratio = "ratio",
  -- neither
  time = "time", ["frame numbers"] = "frame", ["as the key"] = "as the key", ["-"] = "none",
}

-- Which parts stand in which file, in the order of the page.
local FILES = {
  { "result", "result" },
  { "direction", "direction", "late_segments", "resent_causes", "odd_segments", "examples", "durations", "spread" },
  { "analysis", "analysis", "finding", "evidence", "counts", "withheld", "vantage", "handshakes", "resets", "reset_phase",
    "signs", "latency", "asymmetry", "balance" },
  { "connection", "connection", "connection_outcome", "connection_handshake", "connection_reset",
    "connection_direction", "connection_sums", "attempts", "outcome", "options", "offer" },
  { "application", "tls", "said", "unanswered", "not_spoken", "hello_lost", "hello_cut", "tls_alert", "tls_certificate", "http",
    "http_answers", "cut_short", "to_tls", "answers_left",
    "proxy_protocol", "connection_tls", "connection_certificate", "tls_last", "connection_http",
    "connection_cut", "connection_proxy",
    "name_lookups", "longest_lookup", "lost_lookups", "lost_kind", "connection_dns" },
  { "answers", "answers", "answer_kind", "looped_answers", "long_times", "answer_side", "small_mss" },
  { "limits", "limits", "connection_limits", "limit_shares", "limited" },
  { "capture", "capture", "link_type", "truncated", "stopped" },
  { "result", "timeline", "timeline_direction", "icmp", "candidate", "likely_slip", "hardware", "hardware_side",
    "hardware_address", "hardware_claims", "hardware_claim" },
  { "views", "view", "other_server", "view_filter", "view_connections", "view_connections_summary", "view_connection",
    "view_anomalies", "view_statistics", "view_rst_distribution", "view_resent", "view_pattern", "view_observations",
    "view_anomalies_summary", "view_notable", "view_retransmissions", "view_lossy", "view_directions", "view_direction",
    "view_retransmissions_summary" },
  { "compare", "comparison", "compared_stretch", "compared_point", "compared_clock", "compared_connections",
    "compared_connection_frames", "compared_unpaired", "compared_ladder", "compared_step", "compared_direction",
    "compared_kinds", "compared_frames", "compared_change", "compared_answers",
    "compared_pair", "compared_pair_direction", "compared_answer", "compared_analysis", "compared_finding",
    "compared_evidence", "compared_said", "compared_counts" },
  { "told", "told_connection", "told_tls", "told_alert", "told_segment", "told_options", "told_skipped" },
  { "overview", "overview", "overview_server", "closed_host", "beside", "arp_conflict", "dns", "dns_example" },
}
-- Parts with a file of their own although another one shows where they stand.
local OWN_FILE = { counts = "counts" }

-- Names of all parts, in the order of the page.
fields.names = {}

local file_of = {}
for _, group in ipairs(FILES) do
  for i = 2, #group do
    fields.names[#fields.names + 1] = group[i]
    file_of[group[i]] = OWN_FILE[group[i]] or group[1]
  end
end

--- A part by its name.
-- @tparam string name
-- @treturn ?table `{ about = text, entry, entry, ... }`; nil: no such part
function fields.part(name)
  local file = file_of[name]
  return file and require("mcpcap.fields." .. file)[name]
end

local index = {}

--- An entry by part and key.
-- @tparam string part
-- @tparam string key
-- @treturn ?table the entry; nil: no such key
function fields.entry(part, key)
  local by_key = index[part]
  if not by_key then
    by_key = {}
    for _, entry in ipairs(fields.part(part) or {}) do
      by_key[entry[1]] = entry
    end
    index[part] = by_key
  end
  return by_key[key]
end

--- What a type is made of.
-- @tparam string type
-- @treturn string "list", "map", "pair", "part" or "scalar"
-- @treturn string the type of its members, or its own name
function fields.kind(type)
  local shape, of = type:match("^(%l+) of (.+)$")
  if shape then
    return shape, of
  elseif type == "frames" then
    return "list", "integer"
  elseif file_of[type] then
    return "part", type
  end
  return "scalar", type
end

return fields
