-- States and parts: what was saved goes on as if it had read the same, and pieces that are read alone are joined to
-- what one reading of all of them says.

local core = require "mcpcap.core"
local json = require "mcpcap.json"
local mcpcap = require "mcpcap"
local report = require "mcpcap.report"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local bundled = dofile(here .. "bundled.lua")
local child = dofile(here .. "child.lua")
local craft = dofile(here .. "craft.lua")
local cutting = dofile(here .. "cutting.lua")
local says = dofile(here .. "application/says.lua")

local CUTS = 2 -- of each capture, and its ends; all of small ones

describe("a state", function()
  local files

  local function path()
    local name = os.tmpname()
    files[#files + 1] = name
    return name
  end

  local function write(bytes)
    local name = path()
    local file = assert(io.open(name, "wb"))
    assert(file:write(bytes))
    assert(file:close())
    return name
  end

  local function read(name)
    local file = assert(io.open(name, "rb"))
    local bytes = file:read("*a")
    file:close()
    return bytes
  end

  before_each(function()
    files = {}
  end)

  after_each(function()
    for _, name in ipairs(files) do
      os.remove(name)
      os.remove(name .. ".part")
    end
  end)

  -- The capture in two or more files, cut behind these records.
  local function cut(bytes, ends)
    local pieces = cutting.cut(bytes, ends)
    for i, piece in ipairs(pieces) do
      pieces[i] = write(piece)
    end
    return pieces
  end

  -- Of four bytes, the least first.
  local function number(bytes, at)
    local a, b, c, d = bytes:byte(at, at + 3)
    return ((d * 256 + c) * 256 + b) * 256 + a
  end

  local function plain(result)
    result.analysis_timestamp = nil
    return json.encode(report.plain(result))
  end

  local function through(sources, server, port, options)
    return plain(assert(mcpcap.analyze_traffic_flow(sources, server, port, options)))
  end

  local function finish(session)
    local state, message
    repeat
      state, message = session:step()
    until state ~= "more"
    return state, message
  end

  local function saved(sources, server, port, options)
    local name = path()
    options = options or {}
    options.save = name
    local session = assert(mcpcap.open(sources, server, port, options))
    assert(finish(session))
    assert(session:save(name))
    session:close()
    return name
  end

  local function behind(state, sources, server, port)
    local session = assert(mcpcap.open(sources, server, port, { state = state }))
    local ended, message = finish(session)
    local text = ended and plain((session:result()))
    session:close()
    return text, message
  end

  local function parts_of(pieces, server, port)
    local parts = {}
    for i, piece in ipairs(pieces) do
      parts[i] = saved(piece, server, port, { alone = true, piece = i, pieces = #pieces })
    end
    return parts
  end

  local function joined(parts)
    local name = path()
    local ok, message = core.state_join(parts, name)
    return ok and name, message
  end

  -- At these cuts all three ways say the same.
  local function holds(bytes, server, port, ends)
    local pieces = cut(bytes, ends)
    local want = through(pieces, server, port)
    local first = saved(pieces[1], server, port)
    local rest = {}
    for i = 2, #pieces do
      rest[i - 1] = pieces[i]
    end
    assert.is_true(want == behind(first, rest, server, port), table.concat(ends, " "))
    local parts = assert(joined(parts_of(pieces, server, port)))
    assert.is_true(want == behind(parts, {}, server, port), "parts " .. table.concat(ends, " "))
  end

  it("goes on as if all had been read, wherever each bundled capture is cut", function()
    for _, known in ipairs(bundled.list()) do
      local bytes = read(known.path)
      local _, list = cutting.records_of(bytes)
      local step = #list <= 8 and 1 or math.ceil(#list / CUTS)
      for at = 0, #list, step do
        holds(bytes, known.server_ip, known.port, { at })
      end
    end
  end)

  it("is the same for any tree of joins", function()
    local known
    for _, one in ipairs(bundled.list()) do
      known = one.file:find("web-session", 1, true) and one or known
    end
    local pieces = cut(read(known.path), { 100, 101, 101, 300, 500 })
    local want = through(pieces, known.server_ip, known.port)
    local p = parts_of(pieces, known.server_ip, known.port)
    local flat = assert(joined(p))
    local left = assert(joined { p[1], assert(joined { p[2], p[3] }) })
    local tree = assert(joined { left, assert(joined { p[4], p[5], p[6] }) })
    assert.is_true(read(flat) == read(tree))
    assert.is_true(want == behind(tree, {}, known.server_ip, known.port))
  end)

  -- A conversation with what goes over several frames: a datagram in fragments.
  local function odd()
    local c = craft.new()
    c:hs()
    c:fragments("c", 1001, 3000, { sizes = { 1480, 1000 } })
    c:s_ack(4001)
    c:s(5001, 100)
    c:c(4001, 10)
    c:s(5101, 100)
    c:c(4011, 1)
    return c
  end

  it("puts together what lies in two pieces", function()
    local c = odd()
    local bytes = c:bytes()
    local _, list = cutting.records_of(bytes)
    for at = 0, #list do
      holds(bytes, c.sides.s.ip, c.sides.s.port, { at })
    end
  end)

  -- What says so is the end of their line.
  it("tells requests of methods that nobody knows", function()
    local line = "PROPPATCH /a/path/that/is/longer/than/what/says/what/begins HTTP/1.1\r\n\r\n"
    for _, first in ipairs { line, "GET / HTTP/1.1\r\n\r\n" } do
      local c = says.talk(craft.new({ win = 60000 }):hs()):say("c", first):say("s", says.answer(207)):say("c", line)
        :say("s", says.answer(500)).x
      local server, port = c.sides.s.ip, c.sides.s.port
      assert.equal(2, assert(mcpcap.analyze_traffic_flow(write(c:bytes()), server, port)).http.requests)
      for ended = 3, 6 do
        holds(c:bytes(), server, port, { ended })
      end
    end
  end)

  it("tells TLS that begins behind plain words", function()
    local c = says.talk(craft.new({ win = 60000 }):hs()):say("s", "220 mail.example\r\n"):say("c", "EHLO a\r\n")
      :say("s", "250 STARTTLS\r\n"):say("c", "STARTTLS\r\n"):say("s", "220 begin\r\n"):tls13({ name = "a.example" }).x
    local server, port = c.sides.s.ip, c.sides.s.port
    assert.equal(1, assert(mcpcap.analyze_traffic_flow(write(c:bytes()), server, port)).tls.completed)
    for ended = 1, 12 do
      holds(c:bytes(), server, port, { ended })
    end
    holds(c:bytes(), server, port, { 5, 8 })
  end)

  -- Bytes that no compression makes fewer of.
  local function noise(count)
    local list, n = {}, 1
    for i = 1, count do
      n = (n * 16807) % 2147483647
      list[i] = string.char(math.floor(n / 65536) % 256)
    end
    return table.concat(list)
  end

  -- What a part of the records behind the 'from'th comes to, of as many bytes of capture.
  local function part_of(c, from)
    local pieces = cut(c:bytes(), { from })
    local part = parts_of(pieces, c.sides.s.ip, c.sides.s.port)[2]
    return #read(part), #read(pieces[2])
  end

  it("keeps little of what was encrypted where it was under way, and goes on inside of a handshake", function()
    local flight = says.record(23, noise(4000)) -- certificates that nobody can read
    local c = says.talk(craft.new({ win = 60000 }):hs()):say("c", says.hello { name = "a.example", tls13 = true })
      :say("s", says.record(22, says.server_hello { tls13 = true }) .. says.change .. flight)
      :say("c", says.change .. says.data):say("c", says.data)
      :say("s", says.record(23, noise(16000)) .. says.record(23, noise(16000)) .. says.record(23, noise(9000)))
      :say("c", says.data):say("s", says.data).x
    local server, port = c.sides.s.ip, c.sides.s.port
    assert.equal(1, assert(mcpcap.analyze_traffic_flow(write(c:bytes()), server, port)).tls.completed)
    for ended = 3, 40 do
      holds(c:bytes(), server, port, { ended })
    end
    holds(c:bytes(), server, port, { 5, 9, 22 })
    local part, piece = part_of(c, 12)
    assert.is_true(part < 0.1 * piece, ("%d of %d bytes"):format(part, piece))
    part, piece = part_of(c, 30) -- less of it than a record may have, but there is a way to read it
    assert.is_true(part < 0.5 * piece, ("%d of %d bytes"):format(part, piece))
  end)

  it("keeps little of words that are no TLS, and all of what may be", function()
    local function capture(...)
      local c = says.talk(craft.new({ win = 60000 }):hs()):say("c", "\1\2\3 begin")
      for _, text in ipairs { ... } do
        c:say("s", text)
      end
      return c:say("c", "\4\5\6 thanks"):say("s", "\1").x
    end
    local c = capture("\0" .. noise(40000))
    for ended = 3, 34 do
      holds(c:bytes(), c.sides.s.ip, c.sides.s.port, { ended })
    end
    local part, piece = part_of(c, 10)
    assert.is_true(part < 0.1 * piece, ("%d of %d bytes"):format(part, piece))
    part, piece = part_of(capture("\0" .. noise(20000)), 10) -- the rest of a record may be as long
    assert.is_true(part > 0.7 * piece, ("%d of %d bytes"):format(part, piece))
    part, piece = part_of(capture(noise(5000) .. says.record(22, noise(12000)) .. says.record(23, noise(15000))), 5)
    assert.is_true(part > 0.3 * piece, ("%d of %d bytes"):format(part, piece)) -- a certificate, as it were
  end)

  it("refuses to tell what went: the rest of a message that no ServerHello is as long as", function()
    local c = says.talk(craft.new({ win = 60000 }):hs()):say("c", says.hello { name = "a.example" })
      :say("s", says.record(22, says.server_hello() .. says.certificate { key = 6000, subject = "a.example" }))
      :say("s", says.record(23, noise(9000))).x
    local server, port = c.sides.s.ip, c.sides.s.port
    local pieces = cut(c:bytes(), { 6 })
    local text, message = behind(assert(joined(parts_of(pieces, server, port))), {}, server, port)
    assert.is_true(not text)
    assert.truthy(message:find("only the captures have it", 1, true))
  end)

  it("reads heads of answers behind a part that begins with what was sent again", function()
    local body = ("x"):rep(28000)
    local c = craft.new({ win = 60000 }):hs()
    local t = says.talk(c):say("c", says.get()):say("s", says.answer(200, body):sub(1, 1400))
    local hole = t.s
    t.s = hole + 1400
    t:say("s", body:sub(1, 2800))
    c:s(hole, 1400, { payload = body:sub(1, 1400), ack = t.c })
    t:say("s", body:sub(1, 22400)):say("c", says.get("/2")):say("s", says.answer(404, body))
    for ended = 3, 32 do
      holds(c:bytes(), c.sides.s.ip, c.sides.s.port, { ended })
    end
  end)

  it("is written beside its place", function()
    local c = odd()
    local name = saved(write(c:bytes()), c.sides.s.ip, c.sides.s.port)
    assert.is_nil(io.open(name .. ".part"))
    assert.is_nil(io.open(name .. ".log"))
    local session = assert(mcpcap.open(write(c:bytes()), c.sides.s.ip, nil, { save = name }))
    assert(finish(session))
    local ok, message, code = session:save("/nonexistent/state")
    session:close()
    assert.is_nil(ok)
    assert.truthy(message:find("/nonexistent/state", 1, true))
    assert.equal("io", code)
  end)

  it("leaves alone what others have beside its place", function()
    local c = odd()
    local name = saved(write(c:bytes()), c.sides.s.ip)
    local beside = { name .. ".part", name .. ".part1", name .. ".log" }
    for i, other in ipairs(beside) do
      files[#files + 1] = other
      local file = assert(io.open(other, "wb"))
      file:write("another's ", i)
      file:close()
    end
    assert.truthy(core.state_join({ name }, name))
    local session = assert(mcpcap.open(write(c:bytes()), c.sides.s.ip, nil, { save = name }))
    assert(finish(session))
    assert(session:save(name))
    session:close()
    for i, other in ipairs(beside) do
      assert.equal("another's " .. i, read(other))
    end
    assert.is_nil(io.open(name .. ".part2"))
  end)

  describe("that is no good", function()
    local server, port, parts

    before_each(function()
      local c = odd()
      server, port = c.sides.s.ip, c.sides.s.port
      parts = parts_of(cut(c:bytes(), { 3, 6 }), server, port)
    end)

    local function refused(name)
      local session, message = mcpcap.open({}, server, port, { state = name })
      if session then
        local _
        _, message = finish(session)
        session:close()
      end
      return message
    end

    it("is refused wherever it is cut, and says which it is", function()
      local bytes = read(assert(joined(parts)))
      for length = 0, #bytes - 1, 7 do
        local name = write(bytes:sub(1, length))
        assert.truthy(refused(name):find(name, 1, true))
      end
    end)

    it("is refused with any byte changed", function()
      local bytes = read(assert(joined(parts)))
      for at = 1, #bytes, 5 do
        local name = write(bytes:sub(1, at - 1) .. string.char((bytes:byte(at) + 1) % 256) .. bytes:sub(at + 1))
        local message = refused(name)
        assert.truthy(message, ("byte %d"):format(at))
        assert.truthy(message:find(name, 1, true))
      end
    end)

    -- The sum that a head ends with, by the bits: no Lua has the same operators for them.
    local function crc32(text)
      local sum = 4294967295
      local function xor(a, b)
        local out, place = 0, 1
        while a > 0 or b > 0 do
          if a % 2 ~= b % 2 then
            out = out + place
          end
          a, b, place = math.floor(a / 2), math.floor(b / 2), place * 2
        end
        return out
      end
      for i = 1, #text do
        sum = xor(sum, text:byte(i))
        for _ = 1, 8 do
          local odd_bit = sum % 2 == 1
          sum = math.floor(sum / 2)
          sum = odd_bit and xor(sum, 3988292384) or sum
        end
      end
      return 4294967295 - sum
    end

    local function four_bytes(n)
      return string.char(n % 256, math.floor(n / 256) % 256, math.floor(n / 65536) % 256, math.floor(n / 16777216))
    end

    it("is of a version that nobody here knows, and says which", function()
      local bytes = read(parts[2])
      assert.equal(number(bytes, 13), crc32(bytes:sub(1, 12)))
      local head = bytes:sub(1, 8) .. four_bytes(4)
      local name = write(head .. four_bytes(crc32(head)) .. bytes:sub(17))
      local _, message = joined { parts[1], name, parts[3] }
      assert.truthy(message:find(name .. ": written in version 4", 1, true))
      assert.truthy(refused(name):find("reads version 3", 1, true))
    end)

    it("is not there", function()
      local gone = path()
      os.remove(gone)
      local all = path()
      os.remove(all)
      local ok, message, code = core.state_join({ parts[1], gone, parts[3] }, all)
      assert.is_nil(ok)
      assert.truthy(message:find(gone, 1, true))
      assert.equal("not_found", code)
      assert.is_nil(io.open(all))
    end)

    it("was made with other options", function()
      local c = odd()
      local pieces = cut(c:bytes(), { 3 })
      local one = saved(pieces[1], server, port, { alone = true })
      for what, options in pairs { ["other rules"] = { rules = "wireshark-4.0" },
          ["another filter"] = { filter = "tcp" }, ["another time window"] = { start_time = 1 },
          ["checksums verified"] = { verify_checksums = true },
          ["what connections say"] = { application = false } } do
        options.alone = true
        local other = saved(pieces[2], server, port, options)
        local _, message = joined { one, other }
        assert.truthy(message:find(other, 1, true), what)
        assert.truthy(message:find(what, 1, true), message)
      end
      local _, message = joined { one, saved(pieces[2], server, nil, { alone = true }) }
      assert.truthy(message:find("another port", 1, true))
    end)

    it("is told from what it is not", function()
      local c = odd()
      local capture = write(c:bytes())
      assert.truthy(refused(capture):find("no state and no part of mcpcap", 1, true))
      local other = saved(capture, "192.0.2.99", port, { alone = true })
      assert.truthy(refused(other):find("another server", 1, true))
      local _, message = joined { parts[1], other }
      assert.truthy(message:find(other, 1, true))
    end)

    it("is missed, or found twice", function()
      local _, message = joined { parts[1], parts[3] }
      assert.truthy(message:find("part 2 is missing", 1, true))
      assert.truthy(message:find(parts[3], 1, true))
      _, message = joined { parts[1], parts[2], parts[2] }
      assert.truthy(message:find("doubled", 1, true))
      assert.truthy(refused(assert(joined { parts[1], parts[2] })):find("part 3 of 3 is missing", 1, true))
      assert.truthy(refused(parts[2]):find("part 1 is missing", 1, true))
    end)

    it("is found twice without numbers, too", function()
      local one = saved(cut(odd():bytes(), { 3 })[1], server, port, { alone = true })
      local _, message = joined { one, one }
      assert.truthy(message:find("doubled", 1, true))
    end)

    it("is not found twice where another one began at the same time", function()
      local one = saved(write(craft.new():hs():c(1001, 100):bytes()), server, port, { alone = true })
      local other = saved(write(craft.new():hs():c(1001, 200):bytes()), server, port, { alone = true })
      assert.truthy(joined { one, other })
    end)

    it("is refused with the chunks of its pieces in each other's place", function()
      local bytes = read(assert(joined(parts)))
      local places, at = {}, 17
      while at < #bytes do
        local size = 24 + number(bytes, at + 8)
        if bytes:byte(at) == 3 then
          places[#places + 1] = { at, at + size - 1 }
        end
        at = at + size
      end
      assert.equal(3, #places)
      local a, b = places[1], places[2]
      local name = write(bytes:sub(1, a[1] - 1) .. bytes:sub(b[1], b[2]) .. bytes:sub(a[2] + 1, b[1] - 1)
        .. bytes:sub(a[1], a[2]) .. bytes:sub(b[2] + 1))
      assert.truthy(refused(name):find("damaged", 1, true))
    end)

    it("stands first only, if it is no part", function()
      local state = saved(cut(odd():bytes(), { 3 })[1], server, port)
      local part = saved(cut(odd():bytes(), { 4 })[2], server, port, { alone = true })
      assert.truthy(joined { state, part })
      local _, message = joined { part, state }
      assert.truthy(message:find("can only be the first", 1, true))
    end)
  end)

  it("is what the commands write and read", function()
    local c = odd()
    local pieces, server = cut(c:bytes(), { 4 }), c.sides.s.ip
    local want = through(pieces, server)
    local a, b, all = path(), path(), path()
    local output, status = child.run([[
      local cli = require "mcpcap.cli"
      local a, b, pa, pb, all, server = ...
      local function run(...)
        local code = cli.main({ ... }, io.stdout, io.stderr)
        if code ~= 0 then os.exit(code) end
      end
      run("map", a, server, "--part", "1/2", "--output", pa, "--no-progress")
      run("map", b, server, "--part", "2/2", "-o", pb, "--no-progress")
      run("reduce", pa, pb, "--output", all)
      run("report", all, "--format", "json", "--no-progress")
    ]], pieces[1], pieces[2], a, b, all, server)
    assert.equal(0, status, output)
    local got = assert(json.decode(output))
    got.analysis_timestamp = nil
    assert.same(json.decode(want), got)
  end)
end)
