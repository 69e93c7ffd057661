-- One connection, segment by segment: labels and numbers are those of tshark's fields, the verdicts those that the
-- result counts.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "../bundled.lua")
local child = dofile(here .. "../child.lua")
local craft = dofile(here .. "../craft.lua")
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local hellos = dofile(here .. "hellos.lua")

local LABELS = { "retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order", "lost_segment",
  "ack_lost_segment", "duplicate_ack", "keep_alive", "keep_alive_ack", "zero_window", "zero_window_probe",
  "zero_window_probe_ack", "window_update", "window_full", "reused_ports" }
local VERDICTS = { "resent", "reordered", "duplicated", "undecided" }

-- tshark's fields of each frame that holds one segment.
local function fields_of(path)
  local command = "tshark -n -r " .. child.quote(path) .. " -Y tcp -T fields -e frame.number -e tcp.seq -e tcp.ack"
    .. " -e tcp.len -e tcp.window_size"
  for _, label in ipairs(LABELS) do
    command = command .. " -e tcp.analysis." .. label
  end
  local out = child.shell(command .. " 2>/dev/null")
  local frames = {}
  for line in out:gmatch("[^\n]+") do
    local cells = {}
    for cell in (line .. "\t"):gmatch("([^\t]*)\t") do
      cells[#cells + 1] = cell
    end
    if tonumber(cells[1]) and not cells[2]:find(",", 1, true) then
      frames[tonumber(cells[1])] = cells
    end
  end
  return frames
end

-- A fast or spurious retransmission is a retransmission for the display filter, too.
local function labels_of(cells)
  local set = {}
  for i, label in ipairs(LABELS) do
    if cells[i + 5] ~= "" then
      set[label] = true
    end
  end
  if set.fast_retransmission or set.spurious_retransmission then
    set.retransmission = nil
  end
  return set
end

local function sum(direction, key)
  return direction.client_to_server.late_segments[key] + direction.server_to_client.late_segments[key]
end

-- Every connection of a capture, whole.
local function connections(path, ip, port, options)
  local list, n = {}, 1
  while true do
    local given = { number = n, segments = 10000 }
    for key, value in pairs(options or {}) do
      given[key] = value
    end
    local told, message, code = mcpcap.connection(path, ip, port, given)
    if not told then
      assert.equal("no_connection", code, message)
      return list
    end
    list[n], n = told, n + 1
  end
end

local function with(capture, use)
  local path = os.tmpname()
  capture:save(path)
  local ok, message = pcall(use, path)
  os.remove(path)
  assert(ok, message)
end

describe("a connection that is told", function()
  it("has the labels and numbers of tshark's fields, for every segment of the bundled captures #tshark", function()
    if select(2, child.shell("command -v tshark")) ~= 0 then
      pending("tshark is missing")
      return
    end
    -- the rules are those of the tshark that is asked
    local version = child.shell("tshark --version"):match("(%d+%.%d+)%.")
    local rules = "wireshark-" .. (version == "4.6" and "4.6" or version == "4.4" and "4.4" or "4.0")
    local compared = 0
    for _, known in ipairs(bundled.list()) do
      local frames = fields_of(known.path)
      local flow = assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.port))
      if flow.connection_count <= 12 then
        for _, told in ipairs(connections(known.path, known.server_ip, known.port, { rules = rules })) do
          for _, row in ipairs(told.segments) do
            local cells = frames[row.frame]
            local where = ("%s, frame %.0f"):format(known.file, row.frame)
            if cells then
              local ours = {}
              for _, label in ipairs(row.labels) do
                ours[label] = true
              end
              assert.same(labels_of(cells), ours, where)
              assert.equal(tonumber(cells[2]), row.seq, where .. " seq")
              if row.ack then
                assert.equal(tonumber(cells[3]), row.ack, where .. " ack")
              end
              assert.equal(tonumber(cells[4]), row.payload_bytes, where .. " len")
              assert.equal(tonumber(cells[5]), row.window, where .. " window")
              compared = compared + 1
            end
          end
        end
      end
    end
    assert.truthy(compared > 3000, compared)
  end)

  it("has each verdict as often as the result counts it", function()
    for _, known in ipairs(bundled.list()) do
      local flow = assert(mcpcap.analyze_traffic_flow(known.path, known.server_ip, known.port))
      if flow.connection_count <= 12 then
        local counts, causes, segments = {}, {}, 0
        for _, told in ipairs(connections(known.path, known.server_ip, known.port)) do
          segments = segments + told.segment_count
          assert.equal(told.segment_count, told.segments_shown)
          for _, row in ipairs(told.segments) do
            counts[row.verdict or ""] = (counts[row.verdict or ""] or 0) + 1
            causes[row.cause or ""] = (causes[row.cause or ""] or 0) + 1
          end
        end
        for _, verdict in ipairs(VERDICTS) do
          assert.equal(sum(flow, verdict), counts[verdict] or 0, known.file .. " " .. verdict)
        end
        for cause, n in pairs(flow.client_to_server.resent_causes) do
          assert.equal(n + flow.server_to_client.resent_causes[cause], causes[cause] or 0, known.file .. " " .. cause)
        end
        assert.equal(flow.client_to_server.packet_count + flow.server_to_client.packet_count, segments, known.file)
      end
    end
  end)

  it("is the same, however it was asked for, and its row is that of the result", function()
    local path, ip, port = here .. "../../fixtures/loss-to-client-behind.pcap", "192.0.2.80", 80
    local one = assert(mcpcap.connection(path, ip, port, { number = 1 }))
    local flow = assert(mcpcap.analyze_traffic_flow(path, ip, port))
    flow.connections[1].score, one.connection.score = nil, nil
    assert.same(flow.connections[1], one.connection)
    for _, ask in ipairs { { client = one.client }, { frame = 107 }, { frame = 3 },
      { frame = 107, client = one.client } } do
      local same = assert(mcpcap.connection(path, ip, port, ask))
      same.analysis_timestamp, same.connection.score = one.analysis_timestamp, nil
      assert.same(one, same)
    end
    assert.equal(one.number, assert(mcpcap.connection(path, ip, nil, { frame = 107 })).number)
    local file = assert(io.open(path, "rb"))
    assert.equal(one.segment_count, assert(mcpcap.connection(file, ip, port, { client = one.client })).segment_count)
    file:close()
  end)

  it("is opened by every frame that a finding names", function()
    local path = here .. "../../fixtures/web-session.pcapng"
    local flow = assert(mcpcap.analyze_traffic_flow(path, "192.0.2.80", 80))
    local opened = 0
    for _, finding in ipairs(flow.analysis.findings) do
      for _, frame in ipairs(finding.evidence.frames or {}) do
        local told = assert(mcpcap.connection(path, "192.0.2.80", 80, { frame = frame }))
        assert.truthy(told.segment_count > 0)
        opened = opened + 1
      end
    end
    assert.truthy(opened > 5)
    for _, row in ipairs(flow.connections) do
      local told = assert(mcpcap.connection(path, "192.0.2.80", 80, { client = row.client }))
      assert.equal(row.first_frame, told.connection.first_frame)
      told = assert(mcpcap.connection(path, "192.0.2.80", 80, { frame = row.first_frame }))
      assert.equal(row.client, told.client)
    end
  end)

  it("is shortened around what matters, and says what it leaves out", function()
    local path = here .. "../../fixtures/loss-to-client-behind.pcap"
    local whole = assert(mcpcap.connection(path, "192.0.2.80", 80, { number = 1, segments = 10000 }))
    local short = assert(mcpcap.connection(path, "192.0.2.80", 80, { number = 1, segments = 80 }))
    local shown, left, bytes, resent = 0, 0, 0, 0
    for _, row in ipairs(short.segments) do
      shown = shown + (row.skipped and 0 or 1)
      left = left + (row.skipped and row.skipped.segments or 0)
      bytes = bytes + (row.skipped and row.skipped.payload_bytes.client + row.skipped.payload_bytes.server
        or row.payload_bytes)
      resent = resent + (row.verdict == "resent" and 1 or 0)
    end
    local payload = short.connection.client_to_server.payload_bytes + short.connection.server_to_client.payload_bytes
    assert.same({ short.segments_shown, short.segment_count, payload }, { shown, shown + left, bytes })
    assert.truthy(shown <= 83)               -- neighbours of the last one come along
    assert.equal(short.connection.server_to_client.resent, resent)
    assert.equal(whole.segment_count, #whole.segments)
    local part = assert(mcpcap.connection(path, "192.0.2.80", 80, { number = 1, frames = { 100, 120 } }))
    assert.same({ 100, 120, 21 }, { part.segments[1].frame, part.segments[21].frame, #part.segments })
  end)

  it("tells connections that share their ports from each other", function()
    local x = craft.new { server_port = 443 }
    for _, base in ipairs { 1000, 90000 } do
      x:bases(base, base + 4000):hs():c(base + 1, 100):s(base + 4001, 10, { ack = base + 101 })
        :c(base + 101, 0, { flags = "RA", ack = base + 4011 }):after(3 * craft.SECOND)
    end
    with(x, function(path)
      local first = assert(mcpcap.connection(path, "10.0.0.2", 443, { client = "10.0.0.1:40000" }))
      assert.same({ 1, 1, { 7 } }, { first.number, first.others_of_pair, first.other_frames })
      local second = assert(mcpcap.connection(path, "10.0.0.2", 443, { frame = 9 }))
      assert.same({ 2, 1, { 1 } }, { second.number, second.others_of_pair, second.other_frames })
      assert.equal(7, second.connection.first_frame)
      assert.equal(2, assert(mcpcap.connection(path, "10.0.0.2", 443, { number = 2 })).number)
    end)
  end)

  it("reads what TLS and HTTP begin with, and shows nothing that acts", function()
    local client_hello = hellos.client
    local cases = {
      { client_hello("www.example.org"), "TLS 1.3 ClientHello for www.example.org, h2" },
      { client_hello("a\27[2Jb"), "TLS 1.3 ClientHello for a.[2Jb, h2" },
      { client_hello("www.example.org"):sub(1, 60), "TLS ClientHello begins" },
      { client_hello("www.example.org"):sub(61, 80), "TLS ClientHello goes on" },
      { client_hello("www.example.org"):sub(81), "TLS 1.3 ClientHello for www.example.org, h2" },
      { "\21\3\3\0\2\2\48", "TLS alert unknown_ca (fatal)" },
      { "\21\3\3\0\26" .. ("x"):rep(26), "TLS alert, encrypted" },
      { "\20\3\3\0\1\1", "TLS ChangeCipherSpec" },
      { "GET /a?token=secret HTTP/1.1\r\n", "GET /a?..." },
      { "HTTP/1.1 503 Service Unavailable\r\n", "HTTP/1.1 503 Service Unavailable" },
      { "GET /\27]0;x\7 HTTP/1.1\r\n", "GET /\\x1b]0;x\\x07 HTTP/1.1" },
      { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 begins" },
      { "\23\3\3\0\5abcde" }, { "\22\3\3\0\0abc" }, { "GETTING" }, { "\22\2\3\0\5abcde" },
    }
    local x = craft.new():hs()
    local seq = 1001
    for _, case in ipairs(cases) do
      x:c(seq, #case[1], { payload = case[1] })
      seq = seq + #case[1]
    end
    with(x, function(path)
      local told = assert(mcpcap.connection(path, "10.0.0.2", 7777, { number = 1 }))
      for i, case in ipairs(cases) do
        assert.equal(case[2], told.segments[3 + i].says, case[1])
      end
      assert.falsy(report.render(told, "text"):find("\27", 1, true))
    end)
  end)

  it("says what TLS says in plain text", function()
    with(hellos.capture(), function(path)
      local told = assert(mcpcap.connection(path, "10.0.0.2", 443, { number = 1 }))
      assert.same({
        client_hello_frame = 5, offered = "TLS 1.3", sni = "www.example.org", alpn_offered = "h2", resumption = false,
        early_data = false, encrypted_hello = false, server_hello_frame = 7, version = "TLS 1.2", alpn = "h2",
        server_hello_ms = 300, retry_frame = 6, first_data_ms = 301,
        alerts = { { frame = 9, from = "client", name = "unknown_ca", fatal = true } },
      }, told.tls)
      local text = report.render(told, "text"):gsub("%s+", " ")
      assert.truthy(text:find("TLS 1.2, for www.example.org, h2, ServerHello after 300 ms, alert unknown_ca of the "
        .. "client in frame 9", 1, true), text)
    end)
    with(craft.new { server_port = 443 }:hs():c(1001, 100):s(5001, 10, { ack = 1101 }), function(path)
      assert.is_nil(assert(mcpcap.connection(path, "10.0.0.2", 443, { number = 1 })).tls)
    end)
  end)

  it("names client and server in its facts, and says what both sides reset", function()
    local x = craft.new():hs():c(1001, 100):s(5001, 200):c(1101, 0, { flags = "RA", ack = 5201 })
    local path = x:save()
    local told = assert(mcpcap.connection(path, "10.0.0.2", 7777, { number = 1 }))
    local text = report.render(told, "text")
    assert.truthy(text:find("state       reset by the client\n", 1, true), text)
    local flow = assert(mcpcap.analyze_traffic_flow(path, "10.0.0.2", 7777))
    assert.truthy(report.render(flow, "text"):find("reset by the client  0.000 s", 1, true))
    assert.truthy(text:find("closed by   the client, with a reset\n", 1, true), text)
    assert.truthy(text:find("by the client in frame 6, after data had passed\n", 1, true), text)
    told = assert(mcpcap.connection(path, "10.0.0.2", 7777, { number = 1, frames = { 90, 95 } }))
    text = report.render(told, "text")
    assert.truthy(text:find("None of its 6 segments is shown: none lies in these frames.", 1, true), text)
    os.remove(path)
    path = x:s(5201, 0, { flags = "R" }):save()
    told = assert(mcpcap.connection(path, "10.0.0.2", 7777, { number = 1 }))
    text = report.render(told, "text")
    assert.truthy(text:find("state       reset by both sides\n", 1, true), text)
    os.remove(path)
  end)

  it("says for which name its client had asked, and how long it waited for that", function()
    local cases = dofile(here .. "../overview/cases.lua")
    local function told_of(capture, use)
      with(capture, function(path)
        use(assert(mcpcap.connection(path, "10.0.0.2", 443, { number = 1 })))
      end)
    end
    told_of(cases.named(350, "10.0.0.2"), function(told)
      assert.same({ name = "www.example.org", frame = 1, wait_ms = 350, before_ms = 2, repeated = 0, errors = 0,
        half_answered = false }, told.dns)
      assert.truthy(told.interpretation:find("waited 350 ms for the name www.example.org", 1, true))
      assert.truthy(report.render(told, "text"):find("asked for in frame 1 and answered after 350 ms", 1, true))
    end)
    told_of(cases.named(30, "10.0.0.2"), function(told)       -- no wait worth a word
      assert.equal(30, told.dns.wait_ms)
      assert.falsy(told.interpretation:find("waited", 1, true))
    end)
    told_of(cases.named(350, "10.0.0.3"), function(told)      -- the name of another server
      assert.is_nil(told.dns)
    end)
    told_of(cases.named(350, "10.0.0.2", 6000), function(told)   -- long known
      assert.is_nil(told.dns)
    end)
  end)

  it("names what is wrong", function()
    local path = bundled.list()[1].path
    local function fails(what, ...)
      local ok, problem = pcall(mcpcap.connection, path, ...)
      assert.is_false(ok)
      assert.truthy(problem:find(what, 1, true), problem)
    end
    fails("one of 'client', 'number' and 'frame' expected", "192.0.2.80", 80)
    fails("one of 'client', 'number' and 'frame' expected", "192.0.2.80", 80, { number = 1, frame = 1 })
    fails("option 'client'", "192.0.2.80", 80, { client = "nobody" })
    fails("option 'number'", "192.0.2.80", 80, { number = 0 })
    fails("option 'frames'", "192.0.2.80", 80, { number = 1, frames = { 5, 2 } })
    fails("unknown", "192.0.2.80", 80, { number = 1, numbers = 1 })
    fails("server_ip", "x", 80, { number = 1 })
    for _, ask in ipairs { { number = 99 }, { frame = 1 }, { frame = 99999 }, { client = "10.9.9.9:1" } } do
      local _, message, code = mcpcap.connection(path, "192.0.2.80", 80, ask)
      assert.equal("no_connection", code)
      assert.truthy(#message > 20)
    end
    assert.equal("not_found", select(3, mcpcap.connection(path .. ".not", "192.0.2.80", 80, { number = 1 })))
  end)

  it("is written in every format", function()
    local told = assert(mcpcap.connection(bundled.list()[1].path, "192.0.2.80", 80, { number = 1 }))
    for _, format in ipairs(report.names()) do
      assert.truthy(#report.render(told, format) > 200)
    end
    for line in report.render(told, "text"):gmatch("[^\n]+") do
      assert.truthy(#(line:gsub("[\128-\191]", "")) <= 96, line)
    end
  end)
end)
