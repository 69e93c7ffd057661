-- A capture compared with itself and with copies of itself: only what was changed is told.  And captures that bear
-- no comparison: a clear word, and a status.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "../bundled.lua")
local copies = dofile(here .. "copies.lua")
local craft = dofile(here .. "../craft.lua")
local mcpcap = require "mcpcap"

local DIRECTIONS = { "client_to_server", "server_to_client" }
local COUNTS = {
  "lost_between", "injected_between", "undecided", "outside_capture", "duplicated_between", "reordered_between",
}

local files = {}
local function save(frames, o)
  files[#files + 1] = os.tmpname()
  return copies.write(files[#files], frames, o)
end

local function raw(bytes)
  files[#files + 1] = os.tmpname()
  local file = assert(io.open(files[#files], "wb"))
  file:write(bytes)
  file:close()
  return files[#files]
end

local function fixture(name)
  return here .. "../../fixtures/" .. name
end

-- All that a comparison counts besides what is at both, as a sorted text.
local function told(result)
  local out = {}
  local function note(what, n)
    if n ~= 0 then
      out[#out + 1] = ("%s %.0f"):format(what, n)
    end
  end
  for _, dir in ipairs(DIRECTIONS) do
    local d = result[dir]
    for _, count in ipairs(COUNTS) do
      note(count, d[count])
    end
    for _, n in pairs(d.missed_by_capture) do
      note("missed", n)
    end
    for what, change in pairs(d.changed) do
      note(what, change.packets)
    end
  end
  for why, seen in pairs(result.connections.unpaired) do
    for _, n in pairs(seen) do
      note(why, n)
    end
  end
  note("ambiguous", result.connections.ambiguous)
  table.sort(out)
  return table.concat(out, ", ")
end

describe("a capture compared with", function()
  teardown(function()
    for _, path in ipairs(files) do
      os.remove(path)
    end
  end)

  for _, known in ipairs(bundled.list()) do
    it("itself and with copies of itself tells what was changed: " .. known.file, function()
      local frames = copies.read(known.path)
      local server = craft.address(known.server_ip)
      local function same(what, list, o)
        o = o or {}
        local result = assert(mcpcap.compare({ known.path, save(list, o) }, known.server_ip, known.port))
        assert.equal("ok", result.status, what)
        assert.equal("", told(result), what)
        local connections = result.connections
        assert.equal(connections.seen.A, connections.paired, what)
        assert.equal(connections.seen.B, connections.paired, what)
        assert.equal(o.translated and connections.paired or 0, connections.translated, what)
        local clock = result.points[2].clock
        if clock and result.same_point then
          assert.near(result.points[2].given == 2 and o.ahead or -(o.ahead or 0), clock.offset_ms, 1, what)
        end
      end
      same("itself", frames)
      same("another format", frames, { pcapng = true })
      same("a clock ahead", copies.shifted(frames, 90, 123456789), { ahead = 90123.456789 })
      same("a clock behind", copies.shifted(frames, -3600, 5), { ahead = -3600000 })
      same("a shorter snapshot length", copies.cut(frames, 96))
      same("translated addresses", copies.translated(frames, server), { translated = true })
      same("translated ports", copies.translated(frames, server, 1001), { translated = true })
      same("all of that", copies.cut(copies.shifted(copies.translated(frames, server, 777), 300, 77), 128),
        { pcapng = true, translated = true, ahead = 300000 })
    end)
  end
end)

describe("captures that bear no comparison", function()
  local path = fixture("clean-http.pcap")
  local frames = copies.read(path)

  local function says(pattern, status, a, b, ip, port)
    local result = assert(mcpcap.compare({ a, b }, ip or "192.0.2.80", port or 80))
    assert.equal(status, result.status)
    assert.matches(pattern, result.analysis.interpretation)
    return result
  end

  local function of_direction(to_server)
    local out = {}
    for _, frame in ipairs(frames) do
      if (frame.bytes:sub(31, 34) == "\192\0\2\80") == to_server then
        out[#out + 1] = frame
      end
    end
    return out
  end

  it("share nothing", function()
    says("times overlap: they are of other paths", "not_paired", path,
      save(copies.shifted(copies.read(fixture("slow-server.pcap")), -174, 0)))
    says("by their clocks the traffic in one of them begins", "not_paired", path, fixture("slow-server.pcap"))
  end)

  it("are of other times", function()
    local first, second = {}, {}
    for i, frame in ipairs(frames) do
      local half = i <= #frames / 2 and first or second
      half[#half + 1] = frame
    end
    says("begins", "not_paired", save(first), save(copies.shifted(second, 60, 0)))
  end)

  it("are of other servers", function()
    says("mirrored%-routed.pcap has no traffic of 192.0.2.80:80", "no_match", path, fixture("mirrored-routed.pcap"))
    says("has no traffic of 192.0.2.99:80", "no_match", path, path, "192.0.2.99")
    says("has no traffic of 192.0.2.80:8080", "no_match", path, path, nil, 8080)
  end)

  it("are empty", function()
    says("holds no packet, so there is nothing to compare", "no_tcp", path, save {})
    says("holds no packet, so there is nothing to compare", "no_tcp", save {}, save {})
  end)

  it("hold segments of which the length is not known", function()
    local captures = require "mcpcap.compare.captures"
    local function why(packets, not_compared)
      local singles, points = {}, {}
      for k = 1, 2 do
        local count = k == 1 and packets or 9
        singles[k] = { client_to_server = { packet_count = count, syn_count = 0, rst_count = 0 },
          server_to_client = { packet_count = 0, syn_count = 0, rst_count = 0 } }
        points[k] = { not_compared = k == 1 and not_compared or 0 }
      end
      return captures.why_not_paired({ between = { "A", "B" }, connections = { ambiguous = 0 } }, singles, points)
    end
    assert.matches("^Of the segments at A the length or the time is not known", why(3, 3))
    assert.matches("^Of the only segment at A the length", why(1, 1))
    assert.matches("their times overlap", why(3, 2))
  end)

  it("have one direction only", function()
    says("only segments from the server, and that at B only those from the clients", "not_paired",
      save(of_direction(false)), save(of_direction(true)))
    for _, to_server in ipairs { true, false } do
      local result = says("has no segment from the .-nothing can be said of that direction", "ok", path,
        save(of_direction(to_server)))
      assert.equal("one_direction_only", result.analysis.findings[1].id)
      for _, dir in ipairs(DIRECTIONS) do
        assert.equal(0, result[dir].lost_between + result[dir].injected_between + result[dir].undecided)
      end
    end
    local whole = says("Both captures show the same", "ok", path, path)
    assert.same({}, whole.analysis.findings)
  end)

  it("are damaged", function()
    local file = assert(io.open(path, "rb"))
    local bytes = file:read("*a")
    file:close()
    local half = math.floor(#bytes / 2)
    for _, cut in ipairs { bytes:sub(1, -38), bytes:sub(1, half),
      bytes:sub(1, half) .. ("\255"):rep(200) .. bytes:sub(half + 200) } do
      local result = says("ends early or is damaged at byte %d+", "ok", path, raw(cut))
      for _, dir in ipairs(DIRECTIONS) do
        assert.equal(0, result[dir].lost_between + result[dir].injected_between)
      end
    end
    for _, no_capture in ipairs { "", "a text is no capture at all" } do
      local result, message, code = mcpcap.compare({ path, raw(no_capture) }, "192.0.2.80", 80)
      assert.equal("format", code)
      assert.matches(files[#files], message, 1, true)
      assert.equal("no_tcp", result.status)
      assert.matches("cannot be read %(.-%), so there is nothing to compare", result.analysis.interpretation)
      assert.equal(1, result.points[1].connections)
    end
  end)
end)

describe("one file of two points", function()
  local frames = copies.read(fixture("clean-http.pcap"))
  local later = copies.shifted(frames, 0, 3000000)

  local function split(list)
    return mcpcap.compare({ save(list, { pcapng = true }) }, "192.0.2.80", 80)
  end

  it("is split by interface or VLAN", function()
    for _, o in ipairs { { iface = 2 }, { vlan = 30 }, { iface = 2, vlan = 30 } } do
      local result = assert(split(copies.merged { frames, copies.routed(later, o) }))
      assert.equal("ok", result.status)
      assert.equal(1, result.connections.paired)
      for _, dir in ipairs(DIRECTIONS) do
        assert.same({ "ttl" }, { (next(result[dir].changed)) })
        assert.equal(0, result[dir].lost_between + result[dir].injected_between + result[dir].undecided)
        assert.equal(1, math.abs(result[dir].changed.ttl.hops_min))
      end
    end
  end)

  it("is not split where one interface is for each direction, or nothing tells two places apart", function()
    local other = {}
    for i, frame in ipairs(frames) do
      other[i] = {}
      for k, v in pairs(frame) do
        other[i][k] = v
      end
      other[i].iface = frame.bytes:sub(31, 34) == "\192\0\2\80" and 1 or 2
    end
    for _, list in ipairs { other, frames, copies.merged { frames, later } } do
      local result, message, code = split(list)
      assert.is_nil(result)
      assert.equal("invalid", code)
      assert.matches("neither interface, VLAN nor link tells two apart", message, 1, true)
    end
    local result, message = split {}
    assert.is_nil(result)
    assert.matches("no traffic of this server", message, 1, true)
  end)

  it("is recognised in the single analysis", function()
    local function settle(list)
      local result = assert(mcpcap.analyze_traffic_flow(save(list, { pcapng = true }), "192.0.2.80", 80))
      for _, finding in ipairs(result.analysis.findings) do
        if finding.id == "capture_mirrored" then
          return finding.settle
        end
      end
    end
    local routed = copies.routed(later, { iface = 2 })
    assert.matches("came by at another point", settle(copies.merged { frames, routed }), 1, true)
    assert.matches("^where the copies", settle(copies.merged { frames, later }))
    assert.is_nil(settle(frames))
  end)
end)
