--- What a report of all servers of a capture says, before any format.
-- @module mcpcap.report.overview

local escape = require "mcpcap.escape"
local fields = require "mcpcap.report.fields"
local sections_of = require "mcpcap.report.sections"
local units = require "mcpcap.report.units"
local worst_of = require "mcpcap.overview.worst"

local number, text, table_of, plural = fields.number, fields.text, fields.table_of, fields.plural

local TONES = { error = "bad", warning = "warning" }
local QUIC = { ["0x00000001"] = "version 1", ["0x6b3343cf"] = "version 2" }

local function cell(row, key)
  local n = number(row, key)
  return n and (n > 0 and units.count(n) or "-") or ""
end

local function quic_text(row)
  local datagrams, packets = number(row, "udp_datagrams"), number(row, "quic_packets")
  if not datagrams then
    return nil
  elseif not packets then
    return ("Beside it %s of UDP to the same port."):format(plural(datagrams, "datagram"))
  end
  local version = text(row, "quic_version") or "?"
  return ("Beside it %s of UDP to the same port: QUIC, %s (%s told by their long header)."):format(
    plural(datagrams, "datagram"), QUIC[version] or version, units.count(packets))
end

local function note_of(row)
  local parts = {}
  if row.severity == "none" then
    -- what is no trouble, where a column makes one ask
    parts[1] = (text(row, "verdict") or ""):match("^No trouble shows%. (.+)$")
  elseif row.severity ~= "unknown" then
    local side, confidence = text(row, "side"), text(row, "confidence")
    parts[#parts + 1] = ("%s%s%s: %s"):format(text(row, "severity") or "?", side and ", " .. side or "",
      confidence and ", confidence " .. confidence or "", text(row, "verdict") or "")
    local findings, frames = table_of(row, "findings"), {}
    for i, frame in ipairs(table_of(row, "frames")) do
      frames[i] = ("%.0f"):format(tonumber(frame) or 0)
    end
    if #frames > 0 then
      parts[#parts + 1] = ("Frame%s %s."):format(#frames == 1 and "" or "s", table.concat(frames, ", "))
    end
    if #findings > 1 then
      parts[#parts + 1] = ("(and %s)"):format(plural(#findings - 1, "other finding"))
    end
  end
  parts[#parts + 1] = quic_text(row)
  return #parts > 0 and table.concat(parts, " ") or nil
end

local COLUMNS = {
  { "server" }, { "connections", short = "conns", right = true }, { "bytes", right = true },
  { "refused", right = true }, { "unanswered", right = true }, { "reset", right = true },
  { "lost", right = true }, { "slow", right = true },
}

local function row_of(row)
  local out = {
    (text(row, "server") or "?") .. (row.guessed and " ?" or ""), units.count(number(row, "connections") or 0),
    units.bytes(number(row, "bytes") or 0), cell(row, "refused"), cell(row, "unanswered"), cell(row, "reset"),
    cell(row, "lost"), cell(row, "slow_answers"),
  }
  out.note = note_of(row)
  return out
end

local function servers_sections(result)
  local analysed, counted, guessed, troubled = {}, {}, false, false
  for _, row in ipairs(table_of(result, "servers")) do
    local list = row.analysed and analysed or counted
    list[#list + 1] = row_of(row)
    guessed, troubled = guessed or row.guessed, troubled or TONES[row.severity] ~= nil
  end
  local sections = {}
  local caption = guessed and "? taken for a server by its port alone: no SYN of it was captured" or nil
  if #analysed > 0 then
    sections[1] = { id = "servers", title = troubled and "Servers, those in trouble first" or "Servers",
      kind = "table", rows = analysed, columns = COLUMNS, caption = caption }
  end
  if #counted > 0 then
    sections[#sections + 1] = { id = "counted", title = "Servers that were only counted", kind = "table",
      rows = counted, columns = COLUMNS, caption = #analysed == 0 and caption or nil }
  end
  return sections
end

local function closed_section(result)
  local rows = {}
  for _, host in ipairs(table_of(result, "closed_hosts")) do
    rows[#rows + 1] = { text(host, "ip"), units.count(number(host, "ports") or 0),
      units.count(number(host, "connections") or 0), cell(host, "refused"), cell(host, "unanswered") }
  end
  return #rows > 0 and { id = "closed", title = "Hosts of which many closed ports were tried", kind = "table",
    rows = rows, columns = { { "host" }, { "ports", right = true }, { "connections", right = true },
      { "refused", right = true }, { "unanswered", right = true } } } or nil
end

-- "www.example.org, asked by 10.0.0.1 in frame 12"
local function example(e)
  local name = text(e, "name")
  return name and ("%s, asked by %s in frame %s"):format(name, text(e, "client") or "?",
    ("%.0f"):format(number(e, "frame") or 0)) or nil
end

local function dns_text(dns)
  local questions = number(dns, "questions") or 0
  if questions == 0 then
    return nil
  end
  local parts = { plural(questions, "question"), plural(number(dns, "answers") or 0, "answer") }
  local median = number(table_of(dns, "wait_ms"), "median")
  if median then
    parts[2] = parts[2] .. (" (median %s)"):format(units.duration(median / 1000))
  end
  for _, kind in ipairs {
    { "unanswered", "unanswered", "first_unanswered" }, { "no_name", "for names that do not exist", "first_no_name" },
    { "failed", "with SERVFAIL", "first_failed" }, { "slow", "after 200 ms or more", "slowest" },
  } do
    local n = number(dns, kind[1]) or 0
    if n > 0 then
      local which = example(table_of(dns, kind[3]))
      parts[#parts + 1] = ("%s %s%s"):format(units.count(n), kind[2], which and " (" .. which .. ")" or "")
    end
  end
  return table.concat(parts, ", ")
end

local function beside_section(result)
  local b, items = table_of(result, "beside"), {}
  local function add(name, keys)
    local parts = {}
    for _, key in ipairs(keys) do
      local n = number(b, key[1]) or 0
      if n > 0 then
        parts[#parts + 1] = plural(n, key[2], key[3])
      end
    end
    if #parts > 0 then
      items[#items + 1] = { name, table.concat(parts, ", ") }
    end
  end
  add("UDP", { { "udp_datagrams", "datagram" }, { "quic_packets", "QUIC packet with a long header",
    "QUIC packets with a long header" } })
  local dns = dns_text(table_of(b, "dns"))
  if dns then
    items[#items + 1] = { "DNS", dns }
  end
  add("ICMP", { { "icmp_errors", "error" }, { "icmp_echoes", "echo message" }, { "icmp_others", "other" } })
  add("ARP", { { "arp_requests", "request" }, { "arp_replies", "reply", "replies" }, { "arp_others", "other" } })
  for _, conflict in ipairs(table_of(b, "arp_conflicts")) do
    local macs, frames = table_of(conflict, "macs"), table_of(conflict, "frames")
    items[#items + 1] = { "address conflict", ("%s is said to be at %s (frame %s) and at %s (frame %s)"):format(
      text(conflict, "ip") or "?", tostring(macs[1]), tostring(frames[1]), tostring(macs[2]), tostring(frames[2])) }
  end
  return #items > 0 and { id = "beside", title = "Besides TCP", kind = "facts", items = items } or nil
end

-- The one that the verdict names, or the first that was analysed.
local function named(result)
  local servers = table_of(result, "servers")
  local worst = worst_of(servers)
  for i = 1, worst and 0 or #servers do
    if servers[i].analysed then
      return servers[i]
    end
  end
  return worst
end

-- How to go on with it; a tool that asked says so itself.
local function next_section(result, options)
  local worst = named(result)
  local ip, port = text(worst, "ip"), number(worst, "port")
  if not (ip and port) or options.tool then
    return nil
  end
  local title = "To look into " .. (text(worst, "server") or ip)
  local words = { "mcpcap", "flow" }
  for _, file in ipairs(options.captures or sections_of.files(result)) do
    words[#words + 1] = escape.shell(file) or "CAPTURE"
  end
  words[#words + 1] = ("%s %.0f"):format(ip, port)
  return { id = "next", title = title, kind = "command", text = table.concat(words, " ") }
end

local function subtitle(result)
  local parts = sections_of.when(table_of(result, "capture"))
  parts[#parts + 1] = plural(number(result, "total_packets") or 0, "packet")
  parts[#parts + 1] = plural(number(result, "tcp_packets_found") or 0, "TCP segment")
  return table.concat(parts, ", ")
end

--- Builds the outline of an overview, as `mcpcap.report.outline` does of a result.
-- @tparam table result of `mcpcap.overview`
-- @tparam function partial sentences about what a result does not cover
-- @tparam table options of `report.render`
-- @treturn table outline
return function(result, partial, options)
  local total, shown = number(result, "server_count") or 0, number(result, "servers_shown") or 0
  local sections = servers_sections(result)
  sections[#sections + 1] = next_section(result, options)
  sections[#sections + 1] = closed_section(result)
  sections[#sections + 1] = beside_section(result)
  local verdict = { text(result, "interpretation") or "" }
  if shown < total then
    verdict[2] = ("%s of %s servers are shown."):format(units.count(shown), units.count(total))
  end
  local worst, files = table_of(result, "servers")[1], table_of(result, "files")
  return {
    title = ("%s: %s"):format(#files > 1 and plural(#files, "capture") or text(result, "file") or "capture",
      plural(total, "server")),
    subtitle = subtitle(result),
    tone = worst and TONES[worst.severity] or "good", verdict = verdict, warnings = partial(result),
    sections = sections,
  }
end
