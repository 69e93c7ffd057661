--- What a report says of a capture in which no packet is the server's: which ones are there, and what to try.
-- @module mcpcap.report.no_match

local escape = require "mcpcap.escape"
local fields = require "mcpcap.report.fields"
local sections = require "mcpcap.report.sections"
local units = require "mcpcap.report.units"

local number, text, table_of = fields.number, fields.text, fields.table_of
local plural = fields.plural

local no_match = {}

local function slip_text(slip)
  if type(slip) == "table" then
    return text(slip, "text")
  end
  return type(slip) == "string" and slip ~= "" and slip or nil
end

-- No packet of the server: said here when the result does not say it itself.
local function no_match_text(result)
  local server = text(result, "server") or "this server"
  local total = number(result, "total_packets") or 0
  if result.status == "no_match" then
    return ("No packet of %s is in this capture, which holds %s of other endpoints."):format(
      server, plural(number(result, "tcp_packets_found") or 0, "TCP segment"))
  elseif total == 0 then
    return "The capture holds no packet at all."
  end
  return ("None of the %s in this capture is TCP, so nothing can be said about %s."):format(
    plural(total, "packet"), server)
end

--- What is said first.
-- @tparam table result
-- @tparam ?string said what the result says itself
-- @treturn table list of sentences
function no_match.verdict(result, said)
  said = said or no_match_text(result)
  local slip = slip_text(result.likely_slip)
  return { said, slip and not said:find(slip, 1, true) and slip or nil }
end

-- "192.0.2.1:80" and "[2001:db8::1]:80" as address and port.
local function split_endpoint(server)
  local address, port = server:match("^%[([%x:.%%%w]+)%]:(%d+)$")
  if not address then
    address, port = server:match("^([%x:.]+):(%d+)$")
  end
  return address, port
end

local function endpoint(ip, port)
  return ip and port and (ip:find(":", 1, true) and "[%s]:%.0f" or "%s:%.0f"):format(ip, port) or nil
end

local function slip_server(slip)
  return text(slip, "server") or endpoint(text(slip, "server_ip"), number(slip, "server_port"))
end

local function candidate_server(item)
  if type(item) == "table" then
    return text(item, "server") or endpoint(text(item, "ip"), number(item, "port"))
  end
  return type(item) == "string" and item or nil
end

--- The servers that are there instead, as a section.
-- @tparam table result
-- @treturn table
function no_match.candidates(result)
  local rows = {}
  for _, item in ipairs(table_of(result, "candidates")) do
    local server = candidate_server(item)
    if server then
      local packets, syns = number(item, "packets"), number(item, "syns")
      rows[#rows + 1] = { server, packets and units.count(packets) or "-", syns and units.count(syns) or "-",
        text(item, "why") or "" }
    end
  end
  return {
    id = "candidates", title = "Servers of this capture, the likeliest first", kind = "table", rows = rows,
    columns = { { "server" }, { "packets", right = true }, { "SYNs", right = true }, { "" } },
  }
end

-- The command that would have found something, or nil when it cannot be
-- written safely; where `tool` asked, what to ask it.
local function corrected_command(result, captures, tool)
  local slip, first = result.likely_slip, table_of(result, "candidates")[1]
  local server = slip_server(slip) or candidate_server(first)
  local address, port
  if server then
    address, port = split_endpoint(server)
  end
  if not address then
    return nil
  end
  if tool then
    return ('%s with server_ip "%s"%s'):format(tool, address, port and ", server_port " .. port or "")
  end
  local words = { "mcpcap", "flow" }
  for _, file in ipairs(captures or sections.files(result)) do
    words[#words + 1] = escape.shell(file) or "CAPTURE"
  end
  if #words == 2 then
    words[3] = "CAPTURE"
  end
  words[#words + 1] = address
  words[#words + 1] = port
  return table.concat(words, " ")
end

--- The command, or the call of `tool`, that would have found something, as a section.
-- @tparam table result
-- @tparam table options as of `mcpcap.report.outline.build`
-- @treturn ?table
function no_match.command(result, options)
  local command = corrected_command(result, options.captures, options.tool)
  return command and { id = "command", title = "Try", kind = "command", text = command } or nil
end

return no_match
