-- What a ring of capture files has that is new; mcpcap watch, as a user calls it.

local json = require "mcpcap.json"
local mcpcap = require "mcpcap"
local ring = require "mcpcap.watch.ring"
local watching = require "mcpcap.watch"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")
local craft = dofile(here .. "../craft.lua")

describe("a ring", function()
  local files, r

  -- A file as a listing shows it; 'id' stands for what stays when it is renamed.
  local function file(name, changed, size, id)
    return { name = name, changed = changed, size = size or 100, id = id or name }
  end

  local heads

  local function ring_of(place)
    heads = {}
    r = ring.new(place, function()
      local copy = {}
      for i, f in ipairs(files) do
        copy[i] = file(f.name, f.changed, f.size, f.id)
      end
      return copy
    end, function(path)
      return heads[path]
    end)
  end

  before_each(function()
    files = {}
    ring_of("/cap")
  end)

  it("gives each file once, in the order of the last change", function()
    files = { file("b.pcap", 30), file("a.pcap", 20), file("c.pcapng", 10) }
    assert.same({ "/cap/c.pcapng", "/cap/a.pcap", "/cap/b.pcap" }, (r:look()))
    assert.same({}, (r:look()))
    files[4] = file("d.pcap", 40)
    assert.same({ "/cap/d.pcap" }, (r:look()))
  end)

  it("orders files of one moment by their names, numbers as numbers", function()
    files = { file("x.pcap10", 1), file("x.pcap", 1), file("x.pcap2", 1) }
    assert.same({ "/cap/x.pcap", "/cap/x.pcap2", "/cap/x.pcap10" }, (r:look()))
  end)

  it("takes captures only, of a folder", function()
    files = { file("notes.txt", 1), file("x.pcap", 2), file("y.PCAPNG", 3), file("z.pcap3", 4), file("pcap", 5) }
    assert.same({ "/cap/x.pcap", "/cap/y.PCAPNG", "/cap/z.pcap3" }, (r:look()))
  end)

  it("takes what a pattern says", function()
    ring_of("/cap/web_[0-9]*.d?t")
    files = { file("web_1.dat", 1), file("web_x.dat", 2), file("web_22.dot", 3), file("web_1.data", 4) }
    assert.same({ "/cap/web_1.dat", "/cap/web_22.dot" }, (r:look()))
    ring_of("*.cap")
    files = { file("a.cap", 1), file("acap", 2) }
    assert.same({ "a.cap" }, (r:look()))
    ring_of("/x[!a].cap")
    files = { file("xa.cap", 1), file("xb.cap", 2) }
    assert.same({ "/xb.cap" }, (r:look()))
  end)

  it("takes the newest file's growth for what it is", function()
    files = { file("a.pcap", 1, 100) }
    r:look()
    files = { file("a.pcap", 2, 200) }
    assert.same({}, (r:look()))
    files = { file("a.pcap", 3, 300), file("b.pcap", 4) } -- its last bytes, and the next one
    assert.same({ "/cap/b.pcap" }, (r:look()))
    assert.same({}, (r:look()))
  end)

  it("takes a file that is written anew under its old name (tcpdump -W)", function()
    files = { file("x0", 1), file("x1", 2) }
    ring_of("/cap/x*")
    r:look()
    files = { file("x0", 5, 20), file("x1", 3, 150) }
    assert.same({ "/cap/x0" }, (r:look()))
    files = { file("x0", 6, 90), file("x1", 3, 150) }
    assert.same({}, (r:look()))
  end)

  it("takes a file that only grows for another writer's", function()
    files = { file("a.pcap", 1, 100), file("b.pcap", 2, 100) }
    r:look()
    files = { file("a.pcap", 5, 200), file("b.pcap", 4, 150) }
    assert.same({}, (r:look()))
  end)

  it("takes a file that begins with another packet for one that is written anew, however long it is", function()
    files, heads["/cap/a.pcap"] = { file("a.pcap", 1, 100), file("b.pcap", 2, 100) }, "header"
    assert.same({ "/cap/a.pcap", "/cap/b.pcap" }, (r:look()))
    files[1], heads["/cap/a.pcap"] = file("a.pcap", 3, 200), "header, first" -- its first packet has come
    assert.same({}, (r:look()))
    files[1] = file("a.pcap", 4, 300)
    assert.same({}, (r:look()))
    heads["/cap/a.pcap"] = "header, other"
    assert.same({}, (r:look())) -- nobody looks where nothing has changed
    files[1] = file("a.pcap", 5, 400)
    assert.same({ "/cap/a.pcap" }, (r:look()))
    files[1] = file("a.pcap", 6, 500)
    assert.same({}, (r:look()))
    files[1], heads["/cap/a.pcap"] = file("a.pcap", 7, 600), nil -- gone between listing and look
    assert.same({ "/cap/a.pcap" }, (r:look()))
  end)

  it("says that the ring has come round when the file that was being written is written anew", function()
    ring_of("/cap/x*")
    files = { file("x0", 1), file("x1", 2), file("x2", 3) }
    r:look()
    files = { file("x0", 4, 20), file("x1", 2), file("x2", 3) }
    assert.same({ { "/cap/x0" }, {} }, { r:look() })
    files = { file("x0", 4, 100), file("x1", 5, 20), file("x2", 3) }
    assert.same({ { "/cap/x1" }, {} }, { r:look() })
    files = { file("x0", 7, 100), file("x1", 8, 10), file("x2", 6) }
    assert.same({ { "/cap/x2", "/cap/x0", "/cap/x1" }, { "x1 (its rest)" } }, { r:look() })
  end)

  it("takes a bracket that is not closed for a word", function()
    ring_of("/cap/x[1")
    files = { file("a.pcap", 1) }
    assert.same("/cap/x[1/a.pcap", (r:look())[1])
  end)

  it("knows a file again that was renamed or compressed", function()
    files = { file("a.pcap", 1, 100, "7"), file("b.pcap", 2, 100, "8"), file("c.pcap", 3, 100, "9") }
    r:look()
    files = { file("old-a.pcap", 1, 100, "7"), file("b.pcap.gz", 4, 30, "10"), file("c.pcap", 3, 100, "9") }
    assert.same({}, (r:look()))
    assert.same({}, (r:look()))
    files[4] = file("d.pcap.gz", 5, 30, "11")
    assert.same({ "/cap/d.pcap.gz" }, (r:look()))
  end)

  it("says which numbers of dumpcap's it never saw", function()
    local function named(n)
      return file(("web_%05d_20260101000000.pcapng"):format(n), n)
    end
    files = { named(1), named(2) }
    assert.same({}, select(2, r:look()))
    files = { named(3), named(5) }
    assert.same({ "web_00004" }, select(2, r:look()))
    files = { named(9) }
    assert.same({ "web_00006 to 00008" }, select(2, r:look()))
  end)

  it("says why a folder cannot be listed", function()
    r = ring.new("/nowhere", function()
      return nil, "no such file or directory: /nowhere"
    end)
    local fresh, message = r:look()
    assert.is_nil(fresh)
    assert.equal("no such file or directory: /nowhere", message)
  end)
end)

describe("a session that follows", function()
  local one, two

  before_each(function()
    one = craft.new():hs():c(1001, 100):s_ack(1101):save()
    two = craft.new():after(60000000000):hs():c(1001, 100):save()
  end)

  after_each(function()
    os.remove(one)
    os.remove(two)
  end)

  local function read_on(session)
    local idle = 0
    while idle < 4 do
      local before = session:progress()
      local state = assert(session:step(100, 0))
      if state == "done" then
        return state
      end
      idle = session:progress() == before and idle + 1 or 0
    end
    return "more"
  end

  it("takes inputs until it is told that no more come", function()
    local session = assert(mcpcap.open(one, "10.0.0.2", 7777, { follow = true }))
    assert.equal("more", read_on(session))
    assert.equal(5, session:result().total_packets)
    assert.equal(1, session:inputs())
    assert.is_true(session:add(two))
    assert.equal("more", read_on(session))
    assert.equal(9, session:result().total_packets)
    assert.equal(2, session:inputs())
    session:finish()
    local handle = assert(io.open(two, "rb"))
    assert.is_nil((session:add(handle)))
    handle:close() -- it is not read, so it may be closed
    assert.equal("done", read_on(session))
    local result, message = session:result()
    assert.equal(9, result.total_packets)
    assert.is_nil(message)
    local ok, why, code = session:add(one)
    assert.is_nil(ok)
    assert.equal("no more inputs are taken", why)
    assert.equal("invalid", code)
    session:close()
  end)

  it("takes an open file, and an array", function()
    local session = assert(mcpcap.open(one, "10.0.0.2", 7777, { follow = true }))
    local handle = assert(io.open(two, "rb"))
    assert.is_true(session:add({ handle }))
    assert.equal("more", read_on(session))
    assert.equal(9, session:result().total_packets)
    session:close()
    handle:close()
  end)

  it("gives a slice back in time when packets come in drops", function()
    -- each drop comes long before the time for an idle pipe is over, and there are fewer than the slice may have
    local x = craft.new():hs()
    for i = 0, 39 do
      x:c(1001 + i, 1)
    end
    local path = x:save()
    local pipe = io.popen("(for i in 0 1 2 3 4 5 6 7 8 9; do dd bs=200 count=1 2>/dev/null; sleep 0.05; done; cat) < "
      .. path)
    local session = assert(mcpcap.open(pipe, "10.0.0.2", 7777, { follow = true }))
    session:finish()
    local slices, state = 0
    repeat
      state = assert(session:step(50000, 100))
      slices = slices + 1
    until state == "done"
    session:close()
    pipe:close()
    os.remove(path)
    assert.is_true(slices > 3, slices)
  end)

  it("says of no answer that it stopped when a file between is damaged: its rest may have stood there", function()
    local head, ask = "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    local first, last = craft.new(), craft.new():after(60000000000)
    first:hs():c(1001, #ask, { payload = ask }):s(5001, #head + 1000, { payload = head .. ("x"):rep(1000) })
    first:c(1001 + #ask, 0, { ack = 5001 + #head + 1000 })
    last.sides.c.port = last.sides.c.port + 1
    local paths = { first:save(), last:hs():c(1001, 100):save() }
    local function ids_of(damage)
      local file = assert(io.open(paths[1], "ab"))
      file:write(damage)
      file:close()
      local session = assert(mcpcap.open(paths[1], "10.0.0.2", 7777, { follow = true }))
      session:add(paths[2])
      session:finish()
      read_on(session)
      local ids = {}
      for _, finding in ipairs(session:result().analysis.findings) do
        ids[finding.id] = true
      end
      session:close()
      return ids
    end
    assert.is_true(ids_of("").answer_stalled)
    local ids = ids_of("12345")
    assert.is_true(ids.capture_incomplete)
    assert.is_nil(ids.answer_stalled)
    os.remove(paths[1])
    os.remove(paths[2])
  end)

  it("says what cannot be read, and goes on", function()
    local session = assert(mcpcap.open(one, "10.0.0.2", 7777, { follow = true }))
    local ok, message, code = session:add("/nowhere/x.pcap")
    assert.is_nil(ok)
    assert.truthy(message:find("/nowhere/x.pcap: ", 1, true))
    assert.equal("not_found", code)
    assert.has_error(function() session:add(7) end)
    assert.is_true(session:add(two))
    read_on(session)
    assert.equal(9, session:result().total_packets)
    session:close()
  end)

  it("is none that a call which reads to the end makes", function()
    for _, name in ipairs { "analyze_traffic_flow", "compare" } do
      local ok, message = pcall(mcpcap[name], { one, two }, "10.0.0.2", 7777, { follow = true })
      assert.is_false(ok)
      assert.truthy(message:find("option 'follow'", 1, true), message)
    end
    local session = assert(mcpcap.open(one, "10.0.0.2", 7777))
    assert.is_nil((session:add(two)))
    session:close()
  end)
end)

describe("what is new", function()
  it("names a file that was lost once", function()
    local one, two = craft.new():hs():save(), craft.new():after(60000000000):hs():save()
    local folder, files, now = one:match("^.*/"), {}, 0
    local watch = assert(watching.open(folder .. "*", "10.0.0.2", 7777, nil, {
      list = function()
        return files
      end,
      clock = function()
        now = now + 1
        return now
      end,
    }))
    local function arrives(path)
      files[#files + 1] = { name = path:match("[^/]*$"), changed = #files, size = 100, id = path }
      for _ = 1, 6 do
        assert(watch:step(100, 0))
      end
      return watch:news()
    end
    local missing = folder .. "mcpcap-no-such-file"
    assert.same({}, arrives(one).watch.lost)
    assert.same({ missing }, arrives(missing).watch.lost)
    assert.is_nil(watch:news())
    local w = arrives(two).watch
    assert.same({ 2, 0, {}, 3 }, { w.inputs, w.waiting, w.lost, w.new_packets })
    watch:close()
    os.remove(one)
    os.remove(two)
  end)
end)

local describe_with_luv = child.has_luv() and describe or pending

describe_with_luv("mcpcap watch", function()
  local RUN = [[
    local words = { ... }
    words[0] = "mcpcap"
    os.exit(require("mcpcap.cli").main(words, io.stdout, io.stderr))
  ]]
  local folder

  before_each(function()
    folder = child.shell("mktemp -d"):match("%S+")
  end)

  after_each(function()
    child.shell("rm -r " .. folder)
  end)

  -- Clients with ports above 'port' that are refused, a minute later each time.
  local function refused(n, port)
    local x = craft.new():after((port - 40000) * 60000000000)
    for i = 1, n do
      x.sides.c.port = port + i
      x:c(1000, 0, { flags = "S" }):s(0, 0, { flags = "RA", ack = 1001 })
    end
    return x
  end

  it("reports what it has read when it is told to end", function()
    refused(3, 40000):save(folder .. "/a.pcap")
    refused(3, 40100):save(folder .. "/next")
    -- the second file comes when the first is reported, the signal when the second is
    local output, status = child.run(([[
      local uv = require "luv"
      local read, is_there = 0, false
      local out = { write = function(_, text)
        io.stdout:write(text)
        read = read + tonumber(text:match('"new_packets":(%%d+)') or 0)
        if read == 6 and not is_there then
          is_there = assert(uv.fs_rename("%s/next", "%s/b.pcap"))
        elseif read == 12 then
          uv.kill(uv.os_getpid(), "sigterm")
        end
        return true
      end, flush = function() return true end }
      os.exit(require("mcpcap.cli").main({ [0] = "mcpcap", "watch", "%s", "%s", "7777", "--every", "1",
        "--format", "json" }, out, io.stderr))
    ]]):format(folder, folder, folder, "10.0.0.2"))
    assert.equal(0, status, output)
    local reports = {}
    for line in output:gmatch("[^\n]+") do
      reports[#reports + 1] = assert(json.decode(line))
    end
    assert.is_true(#reports >= 2, output)
    local first, last = reports[1], reports[#reports]
    assert.equal(6, first.result.total_packets)
    assert.same({ "refused" }, first.watch.new_findings)
    assert.equal(12, last.result.total_packets)
    assert.equal(2, last.watch.inputs)
    assert.equal(6, last.watch.new_packets)
    assert.same({}, last.watch.new_findings)
  end)

  it("reads a pipe to its end", function()
    local path = refused(3, 40000):save(folder .. "/a.pcap")
    local output, status = child.run([[
      local words = { ... }
      words[0] = "mcpcap"
      os.exit(require("mcpcap.cli").main(words, io.stdout, io.stderr,
        { input = io.popen("cat " .. table.remove(words)) }))
    ]], "watch", "-", "10.0.0.2", "7777", path)
    assert.equal(0, status, output)
    assert.truthy(output:find("new error: All 3 connection attempts", 1, true), output)
  end)

  it("leaves a pipe that stays open", function()
    refused(3, 40000):save(folder .. "/a.pcap")
    local output, status = child.run([[
      local folder = ...
      local uv = require "luv"
      local out = { write = function(_, text)
        io.stdout:write(text)
        if text:find("new error", 1, true) then
          uv.kill(uv.os_getpid(), "sigterm")
        end
        return true
      end, flush = function() return true end }
      os.exit(require("mcpcap.cli").main({ [0] = "mcpcap", "watch", "-", "10.0.0.2", "7777" }, out, io.stderr,
        { input = io.popen("cat " .. folder .. "/a.pcap; exec sleep 30 2>/dev/null") }))
    ]], folder)
    assert.equal(0, status, output)
    assert.truthy(output:find("new error: All 3 connection attempts", 1, true), output)
  end)

  it("ends with 141 when nobody reads, and with 1 when the disk is full", function()
    refused(3, 40000):save(folder .. "/a.pcap")
    local code = [[
      local folder, message, number = ...
      local out = { write = function() return nil, message, tonumber(number) end }
      os.exit(require("mcpcap.cli").main({ [0] = "mcpcap", "watch", "-", "10.0.0.2", "7777" }, out, io.stderr,
        { input = io.open(folder .. "/a.pcap", "rb") }))
    ]]
    assert.same({ "", 141 }, { child.run(code, folder, "Broken pipe", "32") })
    assert.same({ "mcpcap: watch: standard output: No space left on device\n", 1 },
      { child.run(code, folder, "No space left on device", "28") })
  end)

  it("counts by the rules that mcpcap flow takes", function()
    refused(3, 40000):save(folder .. "/a.pcap")
    local code = [[
      local folder, rules = ...
      os.exit(require("mcpcap.cli").main({ [0] = "mcpcap", "watch", "-", "10.0.0.2", "7777", "--format", "json",
        "--rules", rules }, io.stdout, io.stderr, { input = io.open(folder .. "/a.pcap", "rb") }))
    ]]
    for _, rules in ipairs { "4.4", "wireshark-4.4" } do
      local output, status = child.run(code, folder, rules)
      assert.equal(0, status, output)
      assert.equal("wireshark-4.4", assert(json.decode(output)).result.rules)
    end
  end)

  it("says what is wrong", function()
    local output, status = child.run(RUN, "watch", folder .. "/none", "10.0.0.2")
    assert.equal(1, status)
    assert.truthy(output:find("mcpcap: watch: ", 1, true) and output:find("/none", 1, true), output)
    output, status = child.run(RUN, "watch", folder, "10.0.0.300")
    assert.equal(2, status)
    assert.truthy(output:find("'10.0.0.300' is no IP address", 1, true), output)
    output, status = child.run(RUN, "watch", folder, "10.0.0.2", "0")
    assert.equal(2, status)
    assert.truthy(output:find("'0' is no port", 1, true), output)
    for _, word in ipairs { "nan", "inf", "0x10", "0", "86401" } do     -- Lua 5.1 has numbers "nan" and "inf"
      output, status = child.run(RUN, "watch", folder .. "/none", "10.0.0.2", "--every", word)
      assert.equal(2, status, output)
      assert.truthy(output:find("'" .. word .. "' is no number of seconds", 1, true), output)
    end
    output, status = child.run(RUN, "watch", folder .. "/none", "10.0.0.2", "--every", "1.5")
    assert.equal(1, status, output)
    output, status = child.run(RUN, "watch", "--help")
    assert.equal(0, status)
    assert.truthy(output:find("dumpcap -i eth0 -b", 1, true), output)
  end)
end)
