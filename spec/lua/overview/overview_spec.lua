-- All servers of a capture: the same numbers and opinions as of each alone, whatever way they were come by.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "../bundled.lua")
local cases = dofile(here .. "cases.lua")
local craft = dofile(here .. "../craft.lua")
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local function with(capture, use)
  local path = os.tmpname()
  capture:save(path)
  local ok, message = pcall(use, path)
  os.remove(path)
  assert(ok, message)
end

local function row_of(result, server)
  for _, row in ipairs(result.servers) do
    if row.server == server then
      return row
    end
  end
end

local function both(pair)
  return pair.client + pair.server
end

-- What a row says is what a result of its own says.
local function agrees(row, path)
  local one = assert(mcpcap.analyze_traffic_flow(path, row.ip, row.port))
  local where, names = path .. " " .. row.server, {}
  for i, finding in ipairs(one.analysis.findings) do
    names[i] = finding.id
  end
  assert.same(names, row.findings, where)
  assert.equal(one.connection_count, row.connections, where)
  assert.equal(one.client_to_server.packet_count + one.server_to_client.packet_count, row.packets, where)
  assert.equal(one.client_to_server.byte_count + one.server_to_client.byte_count, row.bytes, where)
  assert.equal(both(one.analysis.handshakes.refused), row.refused, where)
  assert.equal(both(one.analysis.handshakes.unanswered), row.unanswered, where)
  local said = row.severity == "none"
  for _, finding in ipairs(one.analysis.findings) do
    said = said or (finding.severity == row.severity and finding.side == row.side
      and finding.text:sub(1, #row.verdict) == row.verdict)
    if row.severity == "none" then
      assert.equal("info", finding.severity, where)
    end
  end
  assert.is_true(said, where)
end

describe("an overview", function()
  it("says of each server of the bundled captures what a result of its own says", function()
    for _, known in ipairs(bundled.list()) do
      local result = assert(mcpcap.overview(known.path))
      assert.equal("ok", result.status)
      assert.equal(1, result.readings, known.file)
      for _, row in ipairs(result.servers) do
        assert.is_true(row.analysed)
        agrees(row, known.path)
      end
      if known.port then
        assert.is_table(row_of(result, (known.server_ip:find(":") and "[%s]:%d" or "%s:%d"):format(known.server_ip,
          known.port)), known.file)
      end
    end
  end)

  it("does not say that a server is in trouble where only the capture is wanting", function()
    local result = assert(mcpcap.overview(here .. "../../fixtures/one-sided-up.pcap"))
    assert.equal("capture", result.servers[1].side)
    assert.matches("^No trouble shows at the only server, but the capture has faults of its own%. ",
      result.interpretation)
    result = assert(mcpcap.overview(here .. "../../fixtures/server-killed.pcap"))
    assert.not_equal("capture", result.servers[1].side)
    assert.not_matches("faults of its own", result.interpretation)
  end)

  it("says why resets are no trouble where none shows, and nothing where there is nothing to ask", function()
    local row = assert(mcpcap.overview(here .. "../../fixtures/reset-by-server.pcap")).servers[1]
    assert.same({ "none", 3 }, { row.severity, row.reset })
    assert.matches("^No trouble shows%. The server ended all 3 connections by a reset after all that it had sent was ",
      row.verdict)
    local text = report.render(assert(mcpcap.overview(here .. "../../fixtures/reset-by-server.pcap")), "text")
    assert.matches("\n      The server ended all 3 connections by a reset", text)
    row = assert(mcpcap.overview(here .. "../../fixtures/clean-http.pcap")).servers[1]
    assert.equal("No trouble shows.", row.verdict)
  end)

  it("says that no question for a name was answered, but not where one was", function()
    for answered, want in pairs { [0] = " None of 2 questions for names was answered.", [1] = "" } do
      local x = craft.new()
      for id = 1, 2 do
        x:raw(cases.udp("10.0.0.1", 5000 + id, "10.0.0.53", 53, cases.dns(id, 0x0100, "www.example.org")))
        x:after(craft.MS)
        if id <= answered then
          x:raw(cases.udp("10.0.0.53", 53, "10.0.0.1", 5000 + id, cases.dns(id, 0x8180, "www.example.org", "10.0.0.2")))
        end
      end
      with(cases.talk(x:after(20 * craft.SECOND)), function(path)
        assert.equal("No trouble shows at the only server." .. want, assert(mcpcap.overview(path)).interpretation)
      end)
    end
  end)

  it("keeps each server of a long address in its line, with a shorter title", function()
    local result = assert(mcpcap.overview(here .. "../../fixtures/clean-http.pcap"))
    result.servers[1].server = "255.255.255.255:65535"
    local text = report.render(result, "text")
    assert.matches("\n  server +conns +bytes", text)
    assert.matches("\n  255%.255%.255%.255:65535 +1 ", text)
    for line in text:gmatch("[^\n]+") do
      assert.is_true(#line:gsub("[\128-\191]", "") <= 80, line)
    end
  end)

  it("tells a capture without packets from one without TCP", function()
    local empty = os.tmpname()
    local file = assert(io.open(empty, "wb"))
    file:write("\212\195\178\161\2\0\4\0\0\0\0\0\0\0\0\0\255\255\0\0\1\0\0\0")
    file:close()
    local result = assert(mcpcap.overview(empty))
    os.remove(empty)
    assert.equal("no_tcp", result.status)
    assert.equal("No packet in this capture.", result.interpretation)
  end)

  it("reads a second time where more servers come than are watched, and finds the one in trouble", function()
    with(cases.many(140), function(path)
      local result = assert(mcpcap.overview(path))
      assert.equal(2, result.readings)
      assert.equal(141, result.server_count)
      assert.equal(64, result.servers_analysed)
      assert.equal(1, result.servers_troubled)
      assert.equal(20, #result.servers)
      assert.equal("10.2.0.1:8080", result.servers[1].server)
      assert.equal(3, result.servers[1].refused)
      for _, row in ipairs(result.servers) do
        agrees(row, path)
      end
      assert.same({ { ip = "10.3.0.1", ports = 12, connections = 12, refused = 12, unanswered = 0 } },
        result.closed_hosts)
      local all = assert(mcpcap.overview(path, { servers = 1000 }))
      assert.equal(1, all.readings)
      assert.equal(141, all.servers_analysed)
      assert.equal(141, #all.servers)
    end)
  end)

  it("reads a stream once, and says what it could not analyse", function()
    with(cases.many(140), function(path)
      local file = assert(io.open(path, "rb"))
      local result = assert(mcpcap.overview(file, { servers = 200 }))
      assert.equal(141, result.servers_analysed)
      file:close()
      file = assert(io.open(path, "rb"))
      result = assert(mcpcap.overview(file))
      file:close()
      assert.equal(1, result.readings)
      assert.truthy(result.servers_analysed < 64)
      assert.equal(141, result.server_count)
    end)
  end)

  it("names a server in trouble, rather than one whose capture alone is faulty", function()
    local worst = require "mcpcap.overview.worst"
    local clean, faulty, slow = { severity = "none" }, { severity = "error", side = "capture" },
      { severity = "warning", side = "server" }
    assert.equal(slow, worst { faulty, slow, clean })
    assert.equal(faulty, worst { clean, faulty, { severity = "unknown" } })
    assert.is_nil(worst { clean, { severity = "unknown" } })
  end)

  it("tells by the ports which end is a server, where no SYN was captured", function()
    with(cases.middle(), function(path)
      local result = assert(mcpcap.overview(path))
      assert.equal(1, result.server_count)
      assert.equal("10.0.0.2:8443", result.servers[1].server)
      assert.is_true(result.servers[1].guessed)
      assert.equal(3, result.servers[1].connections)
      assert.truthy(report.render(result, "text"):find("10.0.0.2:8443 ?", 1, true))
      agrees(result.servers[1], path)
    end)
    with(cases.talk(craft.new()), function(path)             -- a SYN tells, whatever the ports are
      assert.is_nil(assert(mcpcap.overview(path)).servers[1].guessed)
    end)
  end)

  it("counts what there is besides TCP", function()
    with(cases.beside(), function(path)
      local result = assert(mcpcap.overview(path))
      local b, row = result.beside, row_of(result, "10.0.0.2:443")
      assert.same({ 3, 2, "0x00000001" }, { row.udp_datagrams, row.quic_packets, row.quic_version })
      assert.same({ 1, 2, 1 }, { b.arp_requests, b.arp_replies, b.arp_others })
      assert.equal("10.0.0.2", b.arp_conflicts[1].ip)
      assert.same({ "02:00:00:00:00:01", "02:00:00:00:00:09" }, b.arp_conflicts[1].macs)
      local d = b.dns
      assert.same({ 7, 6, 1, 1, 1, 1, 1, 1, 1 }, { d.questions, d.answers, d.repeated, d.unanswered, d.no_name,
        d.failed, d.refused, d.other_errors, d.slow })
      assert.equal("slow.example", d.slowest.name)
      assert.equal(350, d.slowest.wait_ms)
      assert.equal("silent.example\\x1b[31m", d.first_unanswered.name)
      local text = report.render(result, "text"):gsub("%s+", " ")
      assert.truthy(text:find("QUIC, version 1", 1, true))
      assert.truthy(text:find("no.such.example, asked by 10.0.0.1", 1, true))
      assert.falsy(text:find("\27", 1, true))
    end)
  end)

  it("takes an answer in IP fragments for one, as what DNSSEC signs often comes", function()
    local x = craft.new()
    x:raw(cases.udp("10.0.0.1", 5001, "10.0.0.53", 53, cases.dns(1, 0x0100, "signed.example")))
    x:after(20 * craft.MS)
    local answer = cases.dns(1, 0x8180, "signed.example") .. ("r"):rep(2000)
    local pieces = cases.pieces(cases.udp("10.0.0.53", 53, "10.0.0.1", 5001, answer), 1480)
    assert.equal(2, #pieces)
    for _, piece in ipairs(pieces) do
      x:raw(piece)
    end
    with(cases.talk(x:after(2 * craft.SECOND)), function(path)
      local d = assert(mcpcap.overview(path)).beside.dns
      assert.same({ 1, 1, 0 }, { d.questions, d.answers, d.unanswered })
      assert.equal(21, math.floor(d.slowest.wait_ms + 0.5))
    end)
  end)

  it("holds at any place where it is stopped, and says so", function()
    local path = bundled.list()[1].path
    local opened = assert(mcpcap.open_overview(path))
    assert.equal("more", opened:step(10))
    opened:stop("enough")
    local result, _, code = opened:result()
    assert.equal("cancelled", code)
    assert.equal(10, result.total_packets)
    opened:close()
    opened:close()
  end)

  it("names what is wrong", function()
    local path = bundled.list()[1].path
    local _, message, code = mcpcap.overview(path .. ".not")
    assert.equal("not_found", code)
    assert.truthy(message)
    for _, wrong in ipairs { { servers = 0 }, { servers = 1001 }, { servers = 1.5 }, { servers = "x" },
      { serves = 1 } } do
      local ok, problem = pcall(mcpcap.overview, path, wrong)
      assert.is_false(ok)
      assert.truthy(problem:find("bad argument #2 to 'overview'", 1, true), problem)
    end
  end)

  it("is written in every format, within its width", function()
    with(cases.beside(), function(path)
      local result = assert(mcpcap.overview(path))
      for _, format in ipairs(report.names()) do
        assert.truthy(#report.render(result, format) > 200)
      end
      for line in report.render(result, "text"):gmatch("[^\n]+") do
        assert.truthy(#(line:gsub("[\128-\191]", "")) <= 96, line)
      end
    end)
  end)

  it("says when it was captured, and for how long", function()
    local result = assert(mcpcap.overview(here .. "../../fixtures/web-session.pcapng"))
    assert.truthy(report.render(result, "text"):find(
      "\n2026-11-23 03:14:35.375 UTC, 26.4 s, 832 packets, 826 TCP segments\n", 1, true))
    result.capture.first_time, result.capture.last_time, result.capture.duration_ms = nil, nil, nil
    assert.truthy(report.render(result, "text"):find("\n832 packets, 826 TCP segments\n", 1, true))
  end)

  it("says how to go on with the server that it names", function()
    with(cases.beside(), function(path)
      local result = assert(mcpcap.overview(path))
      local first = result.servers[1]
      local function says(options, words)
        for _, format in ipairs { "text", "markdown", "html" } do
          assert.truthy(report.render(result, format, options):find(words, 1, true), words .. " in " .. format)
        end
      end
      says({ captures = { "a b.pcap" } }, ("%s %d"):format(first.ip, first.port))
      assert.truthy(report.render(result, "text", { captures = { "a b.pcap" } })
        :find(("mcpcap flow 'a b.pcap' %s %d\n"):format(first.ip, first.port), 1, true))
      assert.is_nil(report.render(result, "text", { tool = "list_servers" }):find("TO LOOK INTO", 1, true))
      -- the one that the verdict names, not one whose capture has faults of its own
      local other = {}
      for key, value in pairs(first) do
        other[key] = value
      end
      first.severity, first.side, other.severity, other.side, other.port = "warning", "capture", "warning", "server", 99
      table.insert(result.servers, 2, other)
      says({}, first.ip .. " 99")
      assert.truthy(report.render(result, "text"):find("SERVERS, THOSE IN TROUBLE FIRST\n", 1, true))
      for _, row in ipairs(result.servers) do
        row.severity, row.side = "none", nil
      end
      assert.truthy(report.render(result, "text"):find("\nSERVERS\n", 1, true))
      for _, row in ipairs(result.servers) do
        row.analysed = false
      end
      assert.is_nil(report.render(result, "text"):find("TO LOOK INTO", 1, true))
    end)
  end)
end)
