-- Writes the pages that page.test.mjs looks at: pages.lua FOLDER FIXTURES SPECS
--
-- One for each bundled capture, and beside it NAME.json with what it must show; "hostile", of a result whose every text
-- is an attack; "big", of 10,000 connections; "app", the page of a host, and "app.json", a result for it.

local json = require "mcpcap.json"
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local folder, fixtures, specs = arg[1], arg[2], arg[3]

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  assert(file:write(text))
  file:close()
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function sum(list)
  local n = 0
  for _, value in ipairs(list) do
    n = n + value
  end
  return n
end

local function events(result)
  local t, out = result.timeline, {}
  for _, key in ipairs { "retransmissions", "resets", "zero_windows" } do
    out[key] = sum(t.client_to_server[key]) + sum(t.server_to_client[key])
  end
  return out
end

local function segments(told)
  local out = json.array()
  for i, one in ipairs(told) do
    local resent, sack = { client = 0, server = 0 }, { client = 0, server = 0 }
    local count = { client = 0, server = 0 }
    for _, row in ipairs(one.segments) do
      if row.from then
        count[row.from] = count[row.from] + 1
        resent[row.from] = resent[row.from] + (row.verdict == "resent" and 1 or 0)
        sack[row.from] = sack[row.from] + (row.options.sack and #row.options.sack / 2 or 0)
      end
    end
    out[i] = { client = one.client, all = one.segment_count, count = count, resent = resent, sack = sack }
  end
  return out
end

local function add(name, file, server, port)
  local path = fixtures .. "/" .. file
  local options = { connections = 10000, buckets = 240 }
  local result = assert(mcpcap.analyze_traffic_flow(path, server, port, options))
  local told = mcpcap.tell(path, result, options)
  write(name .. ".html", report.render(result, "html", { told = told, captures = { path } }))
  write(name .. ".json", json.encode({
    events = events(result), told = segments(told), connections = #result.connections, total = result.connection_count,
    findings = #result.analysis.findings, interpretation = result.analysis.interpretation,
    pages = report.page(result, { told = told, captures = { path } }),
  }))
  return result, told
end

-- Every text of a table made an attack, its keys and numbers as they are.
local function poisoned(value, poison)
  if type(value) == "string" then
    return value .. poison
  elseif type(value) ~= "table" then
    return value
  end
  local out = {}
  for key, item in pairs(value) do
    out[key] = poisoned(item, poison)
  end
  return out
end

for line in io.lines(specs) do
  local name, file, server, port = line:match("^(%S+) (%S+) (%S+) (%S+)$")
  add(name, file, server, port ~= "any" and tonumber(port) or nil)
end

local path = fixtures .. "/web-session.pcapng"
local result = assert(mcpcap.analyze_traffic_flow(path, "192.0.2.80", nil, { connections = 10000, buckets = 240 }))
local told = mcpcap.tell(path, result)
local attack = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\"'`${1}&lt;"
  .. "\226\128\174abc\27[2J\0" .. ("n"):rep(300)
local bad, bad_told = poisoned(result, attack), poisoned(told, attack)
bad.status = "ok"
for _, finding in ipairs(bad.analysis.findings) do
  finding.severity = finding.severity:gsub("^(%a+).*", "%1")
end
for _, one in ipairs(bad_told) do
  for _, row in ipairs(one.segments) do
    row.from = row.from and row.from:sub(1, 6)
  end
end
for i, row in ipairs(bad.connections) do
  row.tls = { sni = attack, alpn = "h2" .. attack, version = "TLS 1.3", alerts = { { name = attack } } }
  row.http = { status = { [200] = i, ["503" .. attack] = 1 } }
end
write("hostile.html", report.render(bad, "html", { told = bad_told }))

local big = assert(mcpcap.analyze_traffic_flow(fixtures .. "/short-connections.pcap", "192.0.2.80", 80,
  { connections = 1000, buckets = 240 }))
local rows = big.connections
for i = #rows + 1, 10000 do
  local row = {}
  for key, value in pairs(rows[(i - 1) % #rows + 1]) do
    row[key] = value
  end
  row.client = ("198.51.%d.%d:%d"):format(math.floor(i / 250) % 100, i % 250, 20000 + i)
  row.first_ms, row.duration_ms = i * 1.2345, (i * 7919) % 10000 / 3
  rows[i] = row
end
big.connection_count = 12345
write("big.html", report.render(big, "html"))

write("session.html", report.render(result, "html", { told = told }))
write("app.html", require("mcpcap.report.html").app())
write("app.json", json.encode({ page = report.page(result), structured = report.plain(result),
  connection = report.page(told[1]) }))
write("connection.html", report.render(told[1], "html"))
write("comparison.html", report.render(assert(mcpcap.compare({ fixtures .. "/loss-to-client-before.pcap",
  fixtures .. "/loss-to-client-behind.pcap" }, "192.0.2.80", 80, { ladder = true })), "html"))
assert(read(folder .. "/big.html"))
