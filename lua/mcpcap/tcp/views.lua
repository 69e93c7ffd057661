--- Three views on the analysis of a server: connections, anomalies,
-- retransmissions, with the keys of the original's sibling tools.
--
-- The counts are those of `analyze_traffic_flow`; nothing is counted here.
-- Where the original's number is false, the right one stands under its key (see
-- "The sibling functions" in docs/mcp.md).  Lists are cut, and the total stands
-- beside each of them.
--
-- Without an address the capture is read twice: once to see which servers it
-- has, and then for the busiest of them; the view says which it was and lists
-- the others.
-- @module mcpcap.tcp.views

local tcp_views = {}

local C2S, S2C = "client_to_server", "server_to_client"

-- No host has this address, so everything is left over as a candidate.
local NOBODY = "0.0.0.0"

-- Rows asked of the core, the most telling first, and rows shown.
local ROWS_READ = 2000
local SHOWN = 10
local SHOWN_DETAILED = 100
local OTHER_SERVERS = 8

-- Share of connections that end by a reset, and of SYNs that are answered,
-- from which on the original speaks of a pattern.
local RESET_SHARE, ANSWERED_SHARE = 0.1, 0.5
local RETRANSMISSION_RATE = 0.02
local STRONG_BIAS = 0.9

-- What became of a connection, by its state (Zeek's vocabulary).
local RESET = { REJ = true, RSTO = true, RSTR = true, RSTOS0 = true, RSTRH = true }
local UNANSWERED = { S0 = true, SH = true, SHR = true }

-- completeness: SYN 1, SYN-ACK 2, ACK 4
local HANDSHAKE_BITS = 7

local function close_reason(state)
  if state == "SF" then
    return "normal"
  elseif RESET[state] then
    return "reset"
  end
  return UNANSWERED[state] and "unknown" or "active"
end

local function both(pair)
  return pair.client + pair.server
end

local function percent(share)
  return ("%.1f%%"):format(100 * share)
end

-- A count as text; "%d" refuses floats of integral value on some Luas.
local function text(n)
  return ("%.0f"):format(n)
end

local function share(part, whole)
  return whole > 0 and part / whole or 0
end

-- ------------------------------------------------------------------ connections

-- Upper and lower case tell the sides apart; a letter stands once however often
-- the thing happened.
local function letters(history, upper, lower)
  return (history:find(upper, 1, true) and 1 or 0) + (history:find(lower, 1, true) and 1 or 0)
end

local function connection_of(row)
  local c2s, s2c = row[C2S], row[S2C]
  local packets, resets = c2s.packet_count + s2c.packet_count, c2s.rst_count + s2c.rst_count
  local syn_acks = letters(row.history, "H", "h")
  local syns = letters(row.history, "S", "s")
  if syns > 0 then
    syns = syns + (row.handshake.syn_retransmits or 0)
  end
  local reason = close_reason(row.state)
  return {
    client = row.client,
    server = row.server,
    state = (reason == "reset" or reason == "normal") and "closed" or "active",
    state_code = row.state,
    state_text = row.state_text,
    handshake_completed = row.completeness % (HANDSHAKE_BITS + 1) == HANDSHAKE_BITS,
    syn_count = syns + syn_acks,
    syn_ack_count = syn_acks,
    ack_count = math.max(packets - syns - resets, 0),
    rst_count = resets,
    fin_count = letters(row.history, "F", "f"),
    data_packets = c2s.data_packets + s2c.data_packets,
    retransmissions = c2s.retransmissions + s2c.retransmissions,
    close_reason = reason,
    packet_count = packets,
    byte_count = c2s.byte_count + s2c.byte_count,
    duration_ms = row.duration_ms,
    first_frame = row.first_frame,
    initiated_by_server = row.initiated_by_server,
  }
end

local function states_of(result)
  local counts = { normal = 0, reset = 0, active = 0, unknown = 0 }
  for state, n in pairs(result.connection_sums.states) do
    local reason = close_reason(state)
    counts[reason] = counts[reason] + n
  end
  return counts
end

local function handshakes_of(result)
  local handshakes = result.analysis.handshakes
  local attempted, completed = both(handshakes.attempted), both(handshakes.completed)
  return attempted, completed, math.max(attempted - completed, 0)
end

local function total_of(result, key)
  return result[C2S][key] + result[S2C][key]
end

local function issues_of(states, failed, retransmissions)
  local issues = {}
  local function add(n, what)
    if n > 0 then
      issues[#issues + 1] = text(n) .. " " .. what
    end
  end
  add(states.reset, "connections terminated by RST")
  add(retransmissions, "retransmissions detected")
  add(failed, "failed handshakes")
  return issues
end

--- Each connection's state and the sums.
-- @tparam table result of `analyze_traffic_flow`
-- @tparam table settings `detailed`: up to 100 rows instead of 10
-- @treturn table
function tcp_views.connections(result, settings)
  local states = states_of(result)
  local _, completed, failed = handshakes_of(result)
  local rows, limit = {}, settings.detailed and SHOWN_DETAILED or SHOWN
  for i = 1, math.min(#result.connections, limit) do
    rows[i] = connection_of(result.connections[i])
  end
  return {
    summary = {
      total_connections = result.connection_count,
      successful_handshakes = completed,
      failed_handshakes = failed,
      established_connections = completed,
      reset_connections = states.reset,
      normal_close = states.normal,
      active_connections = states.active + states.unknown,
      mid_stream_connections = result.connection_sums.mid_stream,
    },
    connections = rows,
    connections_shown = #rows,
    issues = issues_of(states, failed, total_of(result, "retransmissions")),
  }
end

-- -------------------------------------------------------------------- anomalies

local function name_of(row)
  return row.client .. " <-> " .. row.server
end

-- Who sent resets, by address: the server, and the clients among the rows.
local function resets_by_source(result)
  local sources, listed = {}, 0
  if result[S2C].rst_count > 0 then
    sources[result.server_ip] = result[S2C].rst_count
  end
  for _, row in ipairs(result.connections) do
    local n = row[C2S].rst_count
    if n > 0 and (sources[row.client_ip] or listed < SHOWN) then
      if not sources[row.client_ip] then
        listed = listed + 1
      end
      sources[row.client_ip] = (sources[row.client_ip] or 0) + n
    end
  end
  return sources
end

local function rows_with(result, key)
  local names, counts, total = {}, {}, 0
  for _, row in ipairs(result.connections) do
    local n = row[C2S][key] + row[S2C][key]
    if n > 0 then
      total = total + 1
      if #names < SHOWN then
        names[#names + 1] = name_of(row)
        counts[name_of(row)] = (counts[name_of(row)] or 0) + n
      end
    end
  end
  return names, counts, total
end

local function statistics_of(result)
  local attempted, completed, failed = handshakes_of(result)
  local half_open = both(result.analysis.handshakes.half_open)
  local states = states_of(result)
  local packets, resets = total_of(result, "packet_count"), total_of(result, "rst_count")
  local syns, syn_acks = total_of(result, "syn_count"), total_of(result, "syn_ack_count")
  local retransmissions = total_of(result, "retransmissions")
  local reset_names, _, reset_total = rows_with(result, "rst_count")
  local _, resent = rows_with(result, "retransmissions")
  return {
    total_connections = result.connection_count,
    total_packets = packets,
    handshake = { attempted = attempted, successful = completed, failed = failed, incomplete = half_open },
    flags = {
      syn = syns,
      syn_ack = syn_acks,
      rst = resets,
      fin = total_of(result, "fin_count"),
      ack = math.max(packets - (syns - syn_acks) - resets, 0),
    },
    rst_distribution = {
      by_source = resets_by_source(result),
      by_direction = { to_server = result[C2S].rst_count, from_server = result[S2C].rst_count, unknown = 0 },
      connections_with_rst = reset_names,
      connections_with_rst_total = reset_total,
    },
    retransmissions = {
      total = retransmissions,
      by_connection = resent,
      rate = share(retransmissions, packets),
    },
    connection_states = {
      established = states.active,
      reset = states.reset,
      closed = states.normal,
      unknown = states.unknown,
    },
  }
end

-- Patterns: each looks at the statistics and returns observations and a
-- sentence, or nothing.
local PATTERNS = {
  {
    name = "rst_directional_asymmetry", category = "connection_termination",
    look = function(s)
      local direction = s.rst_distribution.by_direction
      local to, from = direction.to_server, direction.from_server
      if to + from > 0 then
        return {
          rst_to_server = to, rst_from_server = from, ratio = to / (to + from),
          affected_connections = s.rst_distribution.connections_with_rst,
        }, ("Resets: %s towards the server, %s from it"):format(text(to), text(from))
      end
    end,
  },
  {
    name = "packet_retransmission", category = "reliability",
    look = function(s)
      local total, rate = s.retransmissions.total, s.retransmissions.rate
      if total > 0 then
        return {
          total_retransmissions = total, total_packets = s.total_packets, rate = rate,
          threshold = RETRANSMISSION_RATE, exceeds_threshold = rate > RETRANSMISSION_RATE,
          by_connection = s.retransmissions.by_connection,
        }, ("Retransmissions: %s of %s packets (%s)"):format(text(total), text(s.total_packets), percent(rate))
      end
    end,
  },
  {
    name = "handshake_completion", category = "connection_establishment",
    look = function(s)
      local h = s.handshake
      if h.failed > 0 then
        return {
          successful = h.successful, failed = h.failed, failure_rate = share(h.failed, h.attempted),
        }, ("Handshakes: %s of %s completed (%s)"):format(text(h.successful), text(h.attempted),
          percent(share(h.successful, h.attempted)))
      end
    end,
  },
  {
    name = "abnormal_termination", category = "connection_lifecycle",
    look = function(s)
      local states = s.connection_states
      local rate = share(states.reset, s.total_connections)
      if rate > RESET_SHARE then
        return {
          reset_count = states.reset, normal_close = states.closed, total_connections = s.total_connections,
          reset_rate = rate,
        }, ("Connections that ended by a reset: %s of %s (%s)"):format(text(states.reset),
          text(s.total_connections), percent(rate))
      end
    end,
  },
  {
    name = "syn_response_imbalance", category = "connection_establishment",
    look = function(s)
      -- The original compares SYN-ACKs with all SYNs, SYN-ACKs among them.
      local syns = s.flags.syn - s.flags.syn_ack
      if syns > 0 and s.flags.syn_ack / syns < ANSWERED_SHARE then
        return {
          syn_count = syns, syn_ack_count = s.flags.syn_ack, response_ratio = s.flags.syn_ack / syns,
        }, ("Only %s of the SYNs were answered by a SYN-ACK"):format(percent(s.flags.syn_ack / syns))
      end
    end,
  },
}

local function patterns_of(statistics)
  local patterns = {}
  for _, rule in ipairs(PATTERNS) do
    local observations, description = rule.look(statistics)
    if observations then
      patterns[#patterns + 1] = {
        pattern = rule.name, category = rule.category, observations = observations, description = description,
      }
    end
  end
  return patterns
end

local function notable(patterns)
  local list = {}
  for _, item in ipairs(patterns) do
    local seen = item.observations
    if item.pattern == "rst_directional_asymmetry" and (seen.ratio > STRONG_BIAS or seen.ratio < 1 - STRONG_BIAS) then
      local toward = seen.ratio > STRONG_BIAS
      list[#list + 1] = {
        type = "strong_rst_asymmetry",
        detail = ("%s of the resets go %s the server"):format(
          percent(toward and seen.ratio or 1 - seen.ratio), toward and "towards" or "out from"),
      }
    elseif item.pattern == "packet_retransmission" and seen.exceeds_threshold then
      list[#list + 1] = {
        type = "high_retransmission",
        detail = ("the retransmission rate %s is above %s"):format(percent(seen.rate), percent(seen.threshold)),
      }
    end
  end
  return list
end

--- Counts, and the patterns in them; no diagnosis.
-- @tparam table result of `analyze_traffic_flow`
-- @treturn table
function tcp_views.anomalies(result)
  local statistics = statistics_of(result)
  local patterns = patterns_of(statistics)
  local categories = {}
  for _, item in ipairs(patterns) do
    categories[item.category] = (categories[item.category] or 0) + 1
  end
  return {
    statistics = statistics,
    patterns = patterns,
    summary = {
      total_patterns = #patterns,
      by_category = categories,
      notable_observations = notable(patterns),
    },
  }
end

-- -------------------------------------------------------------- retransmissions

local function rates_of(result)
  local list = {}
  for i, row in ipairs(result.connections) do
    local packets = row[C2S].packet_count + row[S2C].packet_count
    local resent = row[C2S].retransmissions + row[S2C].retransmissions
    list[i] = {
      connection = name_of(row),
      retrans_count = resent,
      retrans_to_server = row[C2S].retransmissions,
      retrans_to_client = row[S2C].retransmissions,
      total_packets = packets,
      retrans_rate = share(resent, packets),
      first_frame = row.first_frame,
    }
  end
  table.sort(list, function(a, b)
    if a.retrans_rate ~= b.retrans_rate then
      return a.retrans_rate > b.retrans_rate
    elseif a.retrans_count ~= b.retrans_count then
      return a.retrans_count > b.retrans_count
    end
    return a.first_frame < b.first_frame
  end)
  return list
end

-- Of the segments with data, how many were sent again; absent without data.
local function direction_of(direction)
  return {
    data_packets = direction.data_packets,
    retransmissions = direction.retransmissions,
    retransmission_rate = direction.retransmission_rate,
    resent = direction.late_segments.resent,
    reordered = direction.late_segments.reordered,
    duplicated = direction.late_segments.duplicated,
    undecided = direction.late_segments.undecided,
  }
end

--- Who sends again how often.
-- @tparam table result of `analyze_traffic_flow`
-- @tparam table settings `threshold`: share of all packets that counts as high
-- @treturn table
function tcp_views.retransmissions(result, settings)
  local threshold = settings.threshold or RETRANSMISSION_RATE
  local packets, resent = total_of(result, "packet_count"), total_of(result, "retransmissions")
  local rows, shown, above = rates_of(result), {}, 0
  for i, row in ipairs(rows) do
    if row.retrans_rate > threshold then
      above = above + 1
    end
    if i <= SHOWN and row.retrans_count > 0 then
      shown[i] = row
    end
  end
  local worst = rows[1] and rows[1].retrans_count > 0 and rows[1] or nil
  return {
    total_packets = packets,
    total_retransmissions = resent,
    retransmission_rate = share(resent, packets),
    threshold = threshold,
    exceeds_threshold = share(resent, packets) > threshold,
    by_connection = shown,
    by_direction = { [C2S] = direction_of(result[C2S]), [S2C] = direction_of(result[S2C]) },
    summary = {
      worst_connection = worst and worst.connection or "",
      worst_retrans_rate = worst and worst.retrans_rate or 0,
      connections_above_threshold = above,
      connections_examined = #rows,
      connections_total = result.connection_count,
    },
  }
end

-- ------------------------------------------------------------------ the call

-- The servers that the capture has, by the pass for nobody: addresses with all
-- their ports (or only the one asked for), the busiest first.
local function servers_of(result, port)
  local list, by_ip = {}, {}
  for _, candidate in ipairs(result.candidates or {}) do
    if not port or candidate.port == port then
      local server = by_ip[candidate.ip]
      if not server then
        server = { ip = candidate.ip, packets = 0, ports = {}, order = #list }
        by_ip[candidate.ip] = server
        list[#list + 1] = server
      end
      server.packets = server.packets + candidate.packets
      server.ports[#server.ports + 1] = candidate.port
    end
  end
  table.sort(list, function(a, b)
    if a.packets ~= b.packets then
      return a.packets > b.packets
    end
    return a.order < b.order
  end)
  return list
end

local function others(servers)
  local list = {}
  for i = 2, math.min(#servers, OTHER_SERVERS + 1) do
    local server = servers[i]
    list[#list + 1] = { server = server.ip, ports = server.ports, packets = server.packets }
  end
  return list
end

-- A stream can be read only once.
local function has_stream(input)
  if type(input) == "table" then
    for _, one in ipairs(input) do
      if type(one) ~= "string" then
        return true
      end
    end
    return false
  end
  return type(input) == "userdata"
end

local function copy(options)
  local out = {}
  for key, value in pairs(options or {}) do
    out[key] = value
  end
  return out
end

local MESSAGES = {
  no_tcp = "No TCP packets found in this capture",
  no_match = "No TCP packets of this server found in this capture",
}

-- What every view begins with.
local function frame(view, result, asked)
  view.schema_version = result.schema_version
  view.rules = result.rules
  view.file = result.file
  view.analysis_timestamp = result.analysis_timestamp
  view.status = result.status
  view.message = MESSAGES[result.status]
  view.server = result.server
  view.server_chosen = asked.chosen
  view.other_servers = asked.others
  view.other_servers_total = asked.others_total
  view.filter = { server_ip = asked.ip, server_port = asked.port }
  view.total_packets = view.total_packets or result.total_packets
  view.tcp_packets_found = result.capture.matched_segments
  view.packets_analyzed = result.total_packets
  view.max_packets = asked.max_packets
  view.truncated = (result.capture.stopped or result.capture.truncated) ~= nil
  view.capture = result.capture
  return view
end

--- Analyses and shows one view.
-- @tparam string kind "connections", "anomalies" or "retransmissions"
-- @tparam function analyze like `mcpcap.analyze_traffic_flow`
-- @param path_or_url
-- @tparam[opt] string server_ip nil: the busiest server
-- @tparam[opt] integer port
-- @tparam[opt] table settings of the view
-- @tparam[opt] table options of the library
-- @treturn[1] table the view
-- @treturn[1] ?string message why it is partial
-- @treturn[1] ?string code
-- @treturn[1] table the whole result
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string code
function tcp_views.call(kind, analyze, path_or_url, server_ip, port, settings, options)
  options = copy(options)
  options.connections = options.connections or ROWS_READ
  local asked = { ip = server_ip, port = port, max_packets = options.max_packets, chosen = false }
  local ip = server_ip
  if not server_ip then
    if has_stream(path_or_url) then
      return nil, "server_ip is needed for a stream: without it the capture is read twice", "invalid"
    end
    local survey, message, code = analyze(path_or_url, NOBODY, port, options)
    if not survey then
      return nil, message, code
    end
    local servers = servers_of(survey, port)
    if not servers[1] then
      return frame(tcp_views[kind](survey, settings or {}), survey, asked), message, code, survey
    end
    ip = servers[1].ip
    asked.chosen, asked.others, asked.others_total = true, others(servers), #servers - 1
  end
  local result, message, code = analyze(path_or_url, ip, port, options)
  if not result then
    return nil, message, code
  end
  return frame(tcp_views[kind](result, settings or {}), result, asked), message, code, result
end

return tcp_views
