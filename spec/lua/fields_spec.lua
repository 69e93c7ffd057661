-- Every key of every result has an entry in the field table, and every entry appears.

local fields = require "mcpcap.fields"
local findings = require "mcpcap.findings"
local mcpcap = require "mcpcap"
local lfs = require "lfs"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local walker = dofile(here .. "fields_walk.lua")
local page = require "mcpcap.fields.page"
local craft = dofile(here .. "craft.lua")

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Hands over the path of a file with these bytes, and removes it.
local function with_file(bytes, use)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  local ok, message = pcall(use, path)
  os.remove(path)
  assert(ok, message)
end

local function fixtures()
  local list = {}
  for name in lfs.dir(here .. "../fixtures") do
    if name:find("%.pcap") then
      list[#list + 1] = name
    end
  end
  table.sort(list)
  return list
end

-- A gzip member with a stored block; its sum is wrong, which is told, not refused.
local function gzipped(bytes)
  local function little(n)
    return string.char(n % 256, math.floor(n / 256))
  end
  return "\31\139\8\0\0\0\0\0\0\3\1" .. little(#bytes) .. little(65535 - #bytes) .. bytes .. ("\0"):rep(8)
end

-- Two servers; connections of the first one are reset by whom `order` says, then one of the other.
local function two_servers(order)
  local x = craft.new()
  for side in order:gmatch(".") do
    x.sides.c.port = x.sides.c.port + 1
    x:hs():c(1001, 100):s(5001, 100, { ack = 1101 })
    x = side == "c" and x:c(1101, 0, { flags = "R" }) or x:s(5101, 0, { flags = "R" })
  end
  local ip = x.sides.s.ip
  x.sides.c.port, x.sides.s.ip, x.sides.s.bytes = 50003, "198.51.100.7", craft.address("198.51.100.7")
  return x:hs():bytes(), ip
end

-- What bundled captures and those of findings do not show.
local function others(walk)
  for _, capture in ipairs(dofile(here .. "application/says.lua").captures(craft)) do
    walk:part((assert(capture:analyze({ connections = 100 }, capture.sides.s.port))), "result")
  end
  local capture = craft.new():syn():syn_ack():c_ack(5001):c(1001, 100):s(5001, 200, { ack = 1101 })
  local bytes = capture:bytes()
  local ip, port = capture.sides.s.ip, capture.sides.s.port
  with_file(bytes, function(path)
    for _, ask in ipairs {
      { path, "203.0.113.77", port },
      { { path, path }, ip, port },
      { path, ip, nil },
      { path, ip, port, { max_packets = 2 } },
      { path, ip, port, { filter = "tcp", verify_checksums = true } },
    } do
      walk:part((assert(mcpcap.analyze_traffic_flow(ask[1], ask[2], ask[3], ask[4]))), "result")
    end
  end)
  for _, altered in ipairs { bytes:sub(1, #bytes - 10), gzipped(bytes) } do
    with_file(altered, function(path)
      walk:part((assert(mcpcap.analyze_traffic_flow(path, ip, port))), "result")
    end)
  end
end

-- The views of the sibling tools.
local function views(walk)
  for _, order in ipairs { "ccs", "ssc" } do
    local bytes, ip = two_servers(order)
    with_file(bytes, function(path)
      walk:part(assert(mcpcap.analyze_tcp_connections(path)), "view_connections", "view")
      walk:part(assert(mcpcap.analyze_traffic_flow(path, ip)), "result")
    end)
  end
  for _, name in ipairs { "web-session.pcapng", "syn-flood.pcap", "reset-by-server.pcap", "refused.pcap" } do
    for _, ask in ipairs { { nil }, { "192.0.2.80", 80 }, { "192.0.2.80", nil, { max_packets = 20 } },
      { "198.51.100.99", 9 } } do
      for _, kind in ipairs { "connections", "anomalies", "retransmissions" } do
        local call, path = mcpcap["analyze_tcp_" .. kind], here .. "../fixtures/" .. name
        local third = kind ~= "retransmissions" and ask[2] or nil
        local view = call(path, ask[1], third, ask[3])
        walk:part(assert(view), "view_" .. kind, "view")
      end
    end
  end
end

-- All servers of a capture.
local function overviews(walk)
  local made = dofile(here .. "overview/cases.lua")
  for _, capture in ipairs { made.beside(), made.many(130), made.middle() } do
    with_file(capture:bytes(), function(path)
      walk:part(assert(mcpcap.overview(path)), "overview")
      walk:part(assert(mcpcap.overview({ path, path })), "overview")
      walk:part(assert(mcpcap.overview(assert(io.open(path, "rb")))), "overview")
    end)
  end
  with_file(dofile(here .. "connection/hellos.lua").capture():bytes(), function(path)
    walk:part(assert(mcpcap.connection(path, "10.0.0.2", 443, { number = 1 })), "told_connection")
  end)
  with_file(made.named(350, "10.0.0.2"):bytes(), function(path)
    walk:part(assert(mcpcap.connection(path, "10.0.0.2", 443, { number = 1 })), "told_connection")
  end)
  for _, ask in ipairs {
    { "loss-to-client-behind.pcap", { number = 1 } }, { "reordering.pcap", { number = 1 } },
    { "mirrored-routed.pcap", { number = 1 } }, { "lost-state.pcap", { number = 1 } },
    { "zero-window.pcap", { number = 1, segments = 5 } },
  } do
    local path = here .. "../fixtures/" .. ask[1]
    local server = assert(mcpcap.overview(path)).servers[1]
    local told = assert(mcpcap.connection(path, server.ip, server.port, ask[2]))
    walk:part(told, "told_connection")
    walk:part(assert(mcpcap.connection({ path, path }, server.ip, server.port, { client = told.client })),
      "told_connection")
  end
  for _, name in ipairs(fixtures()) do
    walk:part(assert(mcpcap.overview(here .. "../fixtures/" .. name)), "overview")
  end
end

describe("the field table", function()
  it("has entries that are whole", function()
    for _, name in ipairs(fields.names) do
      local part = assert(fields.part(name), name)
      assert.is_string(part.about, name)
      assert.truthy(#part > 0, name)
      local keys = {}
      for _, entry in ipairs(part) do
        local key, kind, unit, since, meaning = entry[1], entry[2], entry[3], entry[4], entry[5]
        local where = ("%s.%s"):format(name, tostring(key))
        assert.matches("^[a-z][a-z0-9_]*$", key)
        assert.is_nil(keys[key], where .. ": twice")
        keys[key] = true
        assert.truthy(fields.units[unit], where .. ": unit")
        assert.matches("^%d+%.%d+$", since)
        assert.truthy(type(meaning) == "string" and #meaning > 1 and not meaning:find("[.\n|]$"), where .. ": meaning")
        local shape, of = fields.kind(kind)
        while shape ~= "scalar" and shape ~= "part" do
          shape, of = fields.kind(of)
        end
        assert.truthy(shape == "part" or of == "integer" or of == "number" or of == "text" or of == "boolean",
          where .. ": type")
        -- the name tells the unit of what is measured, and of no count
        if shape == "scalar" and of ~= "text" then
          assert.equal(key == "ms" or key:find("_ms$") ~= nil, unit == "ms" and name ~= "durations", where .. ": ms")
          assert.equal(key:find("_bps$") ~= nil, unit == "bit/s", where .. ": bit/s")
          assert.equal(key:find("_time$") ~= nil and key ~= "by_time", unit == "time", where .. ": time")
        end
      end
    end
  end)

  it("has an entry for every key, and no key that never appears", function()
    local walk = walker.new()
    for _, name in ipairs(fixtures()) do
      for _, ip in ipairs { "192.0.2.80", "2001:db8::80" } do
        walk:part(assert(mcpcap.analyze_traffic_flow(here .. "../fixtures/" .. name, ip)), "result")
      end
    end
    for _, case in ipairs(dofile(here .. "findings/pieces.lua").load()) do
      local capture = case.make()
      local bytes = capture:bytes()
      with_file(bytes:sub(1, #bytes - (case.cut or 0)), function(path)
        local port = case.port
        if port == nil then
          port = capture.sides.s.port
        end
        local result = assert(mcpcap.analyze_traffic_flow(path, capture.sides.s.ip, port or nil, case.options))
        if case.alter then
          case.alter(result)
          result.analysis.findings, result.analysis.withheld = findings.of(result)
        end
        walk:part(result, "result")
      end)
    end
    others(walk)
    views(walk)
    overviews(walk)
    dofile(here .. "compare/cases.lua").each(function(_, result) walk:part(result, "comparison") end)
    assert.same({}, walk:wrong())
    assert.same({}, walk:unseen())
  end)

  it("is what the page has", function()
    assert.equal(page.text(), read(here .. "../../docs/result.md"))
  end)

  it("says where lists and maps lie, and the units of what findings rest on", function()
    local written = dofile(here .. "fields_lists.lua")
    for _, name in ipairs { "lists", "units" } do
      assert.equal(written[name](), read(here .. "../../lua/mcpcap/fields/" .. name .. ".lua"))
    end
  end)

  it("notices a key without an entry, another type, and an entry that never appears", function()
    local walk = walker.new()
    walk:part({ status = "maybe", total_packets = 1.5, files = { x = 1 }, novelty = 1,
      analysis = { latency = { handshake_rtt_ms = { middle = {} } } } }, "result")
    local wrong = table.concat(walk:wrong(), "\n")
    assert.matches("result.novelty: no entry in the field table", wrong, 1, true)
    assert.matches("result.status: 'maybe' is none of its values", wrong, 1, true)
    assert.matches("result.total_packets: integer expected, got 1.5", wrong, 1, true)
    assert.matches("result.files: a list has no key 'x'", wrong, 1, true)
    assert.matches("latency.handshake_rtt_ms: a pair has no key 'middle'", wrong, 1, true)
    assert.truthy(#walk:unseen() > 300)
  end)
end)
