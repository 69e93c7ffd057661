--- The views of `mcpcap.tcp.views` in words: short Markdown for a model.
-- @module mcpcap.mcp.tools_text

local escape = require "mcpcap.escape"

local tools_text = {}

local function count(n)
  return ("%.0f"):format(n)
end

local function percent(share)
  return ("%.2f %%"):format(100 * share)
end

local function inline(text)
  return (escape.visible(text):gsub("[`|<>*_#]", "\\%0"))
end

-- "192.0.2.9, ports 80, 443 (12 packets)"
local function other_name(other)
  local ports = {}
  for i, port in ipairs(other.ports) do
    ports[i] = count(port)
  end
  return ("%s, %s %s (%s packets)"):format(other.server, #ports == 1 and "port" or "ports",
    table.concat(ports, ", "), count(other.packets))
end

local function heading(out, title, view)
  out[#out + 1] = ("# %s: %s in %s"):format(title, inline(view.server), inline(view.file))
  out[#out + 1] = ""
  if view.message then
    out[#out + 1] = view.message .. "."
  end
  if view.server_chosen then
    out[#out + 1] = "No server was named; this is the busiest one of the capture."
    local names = {}
    for i, other in ipairs(view.other_servers or {}) do
      names[i] = other_name(other)
    end
    if #names > 0 then
      out[#out + 1] = ("Others, %d of %s: %s."):format(#names, count(view.other_servers_total),
        table.concat(names, "; "))
    end
  end
  local capture = view.capture
  if capture.truncated then
    out[#out + 1] = "**The capture ends early: " .. inline(capture.truncated.reason) .. "**"
  end
  if capture.stopped then
    out[#out + 1] = "**Only a part was read: " .. inline(capture.stopped.message) .. "**"
  end
  out[#out + 1] = ("%s packets read, %s TCP segments of this server."):format(count(view.packets_analyzed),
    count(view.tcp_packets_found))
end

local function list(out, title, items)
  if #items > 0 then
    out[#out + 1] = "\n## " .. title .. "\n"
    for _, item in ipairs(items) do
      out[#out + 1] = "- " .. item
    end
  end
end

local function rows(out, title, columns, lines)
  if #lines > 0 then
    out[#out + 1] = "\n## " .. title .. "\n"
    out[#out + 1] = "| " .. table.concat(columns, " | ") .. " |"
    out[#out + 1] = ("| --- "):rep(#columns) .. "|"
    for _, line in ipairs(lines) do
      out[#out + 1] = "| " .. table.concat(line, " | ") .. " |"
    end
  end
end

--- @tparam table view of `tcp_views.connections`
-- @treturn string
function tools_text.connections(view)
  local out, lines = {}, {}
  heading(out, "TCP connections", view)
  local sum = view.summary
  list(out, "Sums", {
    ("connections: %s"):format(count(sum.total_connections)),
    ("handshakes: %s completed, %s failed"):format(count(sum.successful_handshakes), count(sum.failed_handshakes)),
    ("ended: %s normally, %s by a reset; %s still open or unanswered"):format(count(sum.normal_close),
      count(sum.reset_connections), count(sum.active_connections)),
    ("already open when the capture began: %s"):format(count(sum.mid_stream_connections)),
  })
  list(out, "Issues", view.issues)
  for i, row in ipairs(view.connections) do
    lines[i] = { row.client, row.server, row.state_text, row.handshake_completed and "yes" or "no",
      count(row.packet_count), count(row.data_packets), count(row.retransmissions), count(row.rst_count),
      ("%.3f s"):format(row.duration_ms / 1000), count(row.first_frame) }
  end
  rows(out, ("Connections, %d of %s, the most telling first"):format(#lines, count(sum.total_connections)),
    { "client", "server", "state", "handshake", "packets", "with data", "retransmissions", "RST", "lasts",
      "first frame" }, lines)
  return table.concat(out, "\n") .. "\n"
end

--- @tparam table view of `tcp_views.anomalies`
-- @treturn string
function tools_text.anomalies(view)
  local out, found, notable = {}, {}, {}
  heading(out, "TCP anomalies", view)
  local s = view.statistics
  list(out, "Statistics", {
    ("connections: %s; packets: %s"):format(count(s.total_connections), count(s.total_packets)),
    ("handshakes: %s attempted, %s completed, %s failed, %s of them left half-open"):format(
      count(s.handshake.attempted), count(s.handshake.successful), count(s.handshake.failed),
      count(s.handshake.incomplete)),
    ("flags: SYN %s (SYN-ACK %s), FIN %s, RST %s"):format(count(s.flags.syn), count(s.flags.syn_ack),
      count(s.flags.fin), count(s.flags.rst)),
    ("connections with resets: %s"):format(count(s.rst_distribution.connections_with_rst_total)),
  })
  for i, item in ipairs(view.patterns) do
    found[i] = ("%s (%s): %s"):format(item.pattern, item.category, item.description)
  end
  for i, item in ipairs(view.summary.notable_observations) do
    notable[i] = ("%s: %s"):format(item.type, item.detail)
  end
  list(out, "Patterns", #found > 0 and found or { "none" })
  list(out, "Notable", notable)
  return table.concat(out, "\n") .. "\n"
end

--- @tparam table view of `tcp_views.retransmissions`
-- @treturn string
function tools_text.retransmissions(view)
  local out, lines = {}, {}
  local c2s, s2c = view.by_direction.client_to_server, view.by_direction.server_to_client
  heading(out, "TCP retransmissions", view)
  list(out, "Sums", {
    ("retransmissions, by the rules of %s: %s, %s of all packets; the threshold of %s is %s"):format(
      view.rules or "Wireshark", count(view.total_retransmissions),
      percent(view.retransmission_rate), percent(view.threshold),
      view.exceeds_threshold and "exceeded" or "not exceeded"),
    ("towards the server: %s of %s segments with data; towards the clients: %s of %s"):format(
      count(c2s.retransmissions), count(c2s.data_packets), count(s2c.retransmissions), count(s2c.data_packets)),
    ("sent again, by a judgement of its own on each segment: %s towards the server, %s towards the clients%s"):format(
      count(c2s.resent), count(s2c.resent), c2s.resent == c2s.retransmissions and s2c.resent == s2c.retransmissions
      and "" or " (Wireshark labels some segments otherwise)"),
    ("connections above the threshold: %s of %s examined (%s in all)"):format(
      count(view.summary.connections_above_threshold), count(view.summary.connections_examined),
      count(view.summary.connections_total)),
  })
  for i, row in ipairs(view.by_connection) do
    lines[i] = { row.connection, count(row.retrans_count), count(row.total_packets),
      percent(row.retrans_rate), count(row.first_frame) }
  end
  rows(out, "The worst connections", { "connection", "retransmissions", "packets", "rate", "first frame" }, lines)
  return table.concat(out, "\n") .. "\n"
end

return tools_text
