-- The binding as a guest in somebody's process: what it leaves alone, what it gives
-- back, and what the host may do in the middle of the work.

local json = require "mcpcap.json"
local lfs = require "lfs"
local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")
local capture = here .. "../../fixtures/web-session.pcapng"
local small = here .. "../../fixtures/bare-tcp.pcap"
local server, port = "192.0.2.80", 80

-- What others have left to the collector must not go away between two counts.
local function descriptors_now()
  local n = 0
  for _ in lfs.dir("/proc/self/fd") do
    n = n + 1
  end
  return n
end

local function descriptors()
  collectgarbage()
  collectgarbage()
  return descriptors_now()
end

-- A result as text, without the one field that differs.
local function text_of(result)
  result.analysis_timestamp = nil
  return assert(json.encode(result))
end

local function analyze(options)
  return mcpcap.analyze_traffic_flow(capture, server, port, options)
end

local expected = text_of(assert(analyze()))

describe("the module", function()
  it("prints nothing, makes no global, and leaves the process as it was", function()
    local output, status = child.run([[
      local capture, server = ...

      local function names()
        local list = {}
        for name in pairs(_G) do
          list[#list + 1] = tostring(name)
        end
        table.sort(list)
        return table.concat(list, " ")
      end

      local function process()
        local seen = { os.setlocale(), os.getenv("PATH"), os.getenv("TZ") or "" }
        for line in io.lines("/proc/self/status") do
          if line:match("^Sig[A-Z][a-z]+:") or line:match("^Threads:") or line:match("^Umask:")
            or line:match("^FDSize:") then
            seen[#seen + 1] = line
          end
        end
        return table.concat(seen, "\n")
      end

      local function same(before, after, what)
        if before ~= after then
          error(what .. "\n" .. before .. "\n--\n" .. after)
        end
      end

      local before, world = names(), process()
      local mcpcap = require "mcpcap"
      same(world, process(), "after loading")
      assert(mcpcap.analyze_traffic_flow(capture, server, 80))
      assert(not mcpcap.analyze_traffic_flow("/nonexistent", server, 80))
      assert(not mcpcap.analyze_traffic_flow("http://127.0.0.1:1/x", server, 80))
      local session = assert(mcpcap.open(capture, server))
      session:step(10)
      same(world, process(), "in a session")
      session = nil
      collectgarbage()
      assert(require("mcpcap.report").render(mcpcap.analyze_traffic_flow(capture, server, 80), "text"))
      same(before, names(), "globals")
      same(world, process(), "at the end")
    ]], capture, server)
    assert.equal("", output)
    assert.equal(0, status)
  end)

  it("opens no file and starts no thread when it is loaded", function()
    local output = child.run([[
      local lfs = require "lfs"
      local function count(folder)
        local n = 0
        for _ in lfs.dir("/proc/self/" .. folder) do
          n = n + 1
        end
        return n
      end
      collectgarbage()
      local descriptors, threads = count("fd"), count("task")
      require "mcpcap"
      print(("%d %d"):format(count("fd") - descriptors, count("task") - threads))
    ]])
    assert.equal("0 0\n", output)
  end)

  it("is the same module for every state of a process, and can be loaded again", function()
    package.loaded["mcpcap.core"] = nil
    local again = require "mcpcap.core"
    assert.is_function(again.open)
    assert.equal(mcpcap.version, again.version)
  end)
end)

describe("the progress function", function()
  it("sees the work from its beginning to its end", function()
    local seen = {}
    assert(analyze { progress = function(done, total) seen[#seen + 1] = { done, total } end })
    assert.is_true(#seen >= 2)
    local size = lfs.attributes(capture, "size")
    assert.same({ size, size }, seen[#seen])
    for i = 2, #seen do
      assert.is_true(seen[i][1] >= seen[i - 1][1])
    end
  end)

  it("stops the work with false, and only with false", function()
    local calls = 0
    local result, message, code = analyze { progress = function() calls = calls + 1 return false end }
    assert.equal("cancelled", code)
    assert.is_string(message)
    assert.equal("cancelled", result.capture.stopped.reason)
    assert.equal(1, calls)
    for _, value in ipairs { true, 0, "" } do
      assert.equal(expected, text_of(assert(analyze { progress = function() return value end })))
    end
    assert.equal(expected, text_of(assert(analyze { progress = function() end })))
  end)

  it("may raise anything: the caller gets it unchanged, and nothing stays open", function()
    local before = descriptors()
    for _, value in ipairs { {}, "text", 42, true, print } do
      local ok, raised = pcall(analyze, { progress = function() error(value, 0) end })
      assert.is_false(ok)
      assert.equal(value, raised)
    end
    local ok, raised = pcall(analyze, { progress = function() error() end })
    assert.is_false(ok)
    local _, nothing = pcall(function() error() end)     -- nil, from Lua 5.5 on a text
    assert.equal(nothing, raised)
    assert.equal(before, descriptors())
  end)

  it("may yield, or is told clearly that it cannot", function()
    local before = descriptors()
    local co = coroutine.create(function()
      return analyze { progress = function(done) coroutine.yield(done) end }
    end)
    local ok, value = coroutine.resume(co)
    if not ok then
      assert.matches("yield", value, 1, true)
    else
      while coroutine.status(co) ~= "dead" do
        ok, value = coroutine.resume(co)
        assert.is_true(ok)
      end
      assert.equal(expected, text_of(value))
    end
    assert.equal(before, descriptors())
  end)

  it("may begin the same anew without an end: an error, and nothing stays open", function()
    -- A stack that is full is full for what closes the session, too.
    local before = descriptors()
    collectgarbage("stop")
    local function endless()
      return analyze { progress = endless }
    end
    local ok, raised = pcall(endless)
    local after = descriptors_now()
    collectgarbage("restart")
    assert.is_false(ok)
    assert.matches("stack overflow", tostring(raised), 1, true)
    assert.equal(before, after)
  end)

  it("may yield for ever: closing the coroutine closes what was open", function()
    local close = coroutine.close -- luacheck: ignore
    if not close then
      return
    end
    local calls = {
      function(o) return mcpcap.analyze_traffic_flow(capture, server, port, o) end,
      function(o) return mcpcap.compare({ capture, capture }, server, port, o) end,
      function(o) return mcpcap.overview(capture, o) end,
      function(o)
        o.number = 1
        return mcpcap.connection(capture, server, port, o)
      end,
    }
    for _, call in ipairs(calls) do
      local before = descriptors()
      local co = coroutine.create(call)
      assert.is_true((coroutine.resume(co, { progress = coroutine.yield })))
      collectgarbage("stop")
      assert.is_true(close(co))
      local open = 0
      for _ in lfs.dir("/proc/self/fd") do
        open = open + 1
      end
      collectgarbage("restart")
      assert.equal(before, open)
    end
  end)

  it("may begin another analysis", function()
    local inner
    local result = assert(analyze { progress = function()
      inner = inner or assert(analyze())
    end })
    assert.equal(expected, text_of(inner))
    assert.equal(expected, text_of(result))
  end)

  it("that never comes back to an end is an error of Lua", function()
    local before = descriptors()
    local function again()
      return analyze { progress = again }
    end
    assert.is_false((pcall(again)))
    collectgarbage()
    collectgarbage()
    assert.equal(before, descriptors())
  end)

  it("may close the handle that is being read", function()
    local file = assert(io.open(capture, "rb"))
    local ok, message = pcall(mcpcap.analyze_traffic_flow, file, server, port, { progress = function()
      if io.type(file) == "file" then
        file:close()
      end
    end })
    assert.is_false(ok)
    assert.matches("was closed", message, 1, true)
  end)
end)

describe("a session in slices", function()
  for _, budget in ipairs { 1, 7, 1000 } do
    it(("of %d packets gives the same result"):format(budget), function()
      local session = assert(mcpcap.open(capture, server, port))
      local steps = 0
      while session:step(budget) == "more" do
        steps = steps + 1
      end
      assert.equal("done", session:step(budget))
      local result = session:result()
      assert.equal(expected, text_of(result))
      assert.is_true(steps >= math.floor(result.total_packets / budget) - 1)
      session:close()
    end)
  end

  it("says how far it is, at any time", function()
    local session = assert(mcpcap.open(capture, server, port))
    local last = 0
    assert.is_table(session:result())
    repeat
      local done, total = session:progress()
      assert.is_true(done >= last and done <= total)
      last = done
      local state = session:step(100)
      assert.is_table(session:result())
    until state == "done"
    assert.equal(expected, text_of(session:result()))
    session:close()
  end)

  it("can be stopped, with or without a reason", function()
    for _, reason in ipairs { false, "enough" } do
      local session = assert(mcpcap.open(capture, server, port))
      session:step(20)
      session:stop(reason or nil)
      assert.equal("done", session:step())
      local result, message, code = session:result()
      assert.equal("cancelled", code)
      assert.equal(reason or "stopped by the caller", message)
      assert.equal(20, result.total_packets)
      session:close()
    end
  end)

  it("gives everything back when it is forgotten in the middle", function()
    local before = descriptors()
    for _ = 1, 50 do
      local session = assert(mcpcap.open(capture, server, port))
      session:step(10)
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, descriptors())
  end)

  it("gives everything back when its coroutine is forgotten", function()
    local before = descriptors()
    for _ = 1, 20 do
      local co = coroutine.create(function()
        local session = assert(mcpcap.open(capture, server, port))
        session:step(10)
        coroutine.yield(session)
      end)
      coroutine.resume(co)
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, descriptors())
  end)

  it("closes with the block where the Lua has that", function()
    local chunk = (loadstring or load)("local m, f, s = ... local x <close> = assert(m.open(f, s)) x:step(5) return x") -- luacheck: ignore
    if not chunk then
      return
    end
    local session = chunk(mcpcap, capture, server)
    assert.matches("(closed)", tostring(session), 1, true)
  end)

  it("works among many others, in any order", function()
    local sessions, open = {}, 20
    for i = 1, open do
      sessions[i] = assert(mcpcap.open(capture, server, port))
    end
    local results = {}
    while open > 0 do
      for i, session in pairs(sessions) do
        if session:step(10 * i) == "done" then
          results[i] = text_of(session:result())
          session:close()
          sessions[i] = nil
          open = open - 1
        end
      end
    end
    for _, result in ipairs(results) do
      assert.equal(expected, result)
    end
    assert.equal(20, #results)
  end)
end)

describe("an eager collector", function()
  -- In an interpreter of its own: a full collection at every instruction is only
  -- bearable where there is little to collect.
  it("changes nothing", function()
    local output, status = child.run([[
      local capture, server = ...
      local core = require "mcpcap.core"
      local mcpcap = require "mcpcap"
      if rawget(_G, "jit") then
        require("jit").off()
      end
      local function eager(every, f, ...)
        debug.sethook(function() collectgarbage() end, "", every)
        local result = f(...)
        debug.sethook()
        return result
      end
      local expected = mcpcap.analyze_traffic_flow(capture, server, 80)
      local handle = eager(1, core.open, "open", { capture, io.open(capture, "rb") }, server, 80, {
        filter = "tcp", roots = { "/" }, url = { hosts = { "a", "b" }, ca_file = "x" }, progress = print,
      })
      eager(1, function()
        while handle:step(100) == "more" do
          handle:progress()
        end
      end)
      local facts = eager(1, function() return (handle:facts()) end)
      eager(1, function() handle:close() end)
      assert(facts)
      local result = eager(50, mcpcap.analyze_traffic_flow, capture, server, 80)
      assert(result.total_packets == expected.total_packets and #result.connections == #expected.connections)
    ]], lfs.currentdir() .. "/" .. capture, server)
    assert.equal("", output)
    assert.equal(0, status)
  end)
end)

describe("ten thousand calls", function()
  local function resident()
    local file = assert(io.open("/proc/self/statm"))
    local text = file:read("*a")
    file:close()
    return tonumber(text:match("^%d+ (%d+)")) * 4096
  end

  local kinds = {
    good = function() assert(mcpcap.analyze_traffic_flow(small, server, port, { buckets = 0 })) end,
    missing = function() assert.is_nil((mcpcap.analyze_traffic_flow("/nonexistent", server, port))) end,
    wrong = function() assert.is_false((pcall(mcpcap.analyze_traffic_flow, small, server, "80"))) end,
    partial = function() assert(mcpcap.analyze_traffic_flow(small, server, port, { max_packets = 1 })) end,
    folder = function() assert.is_nil((mcpcap.analyze_traffic_flow("/", server, port))) end,
    raising = function()
      assert.is_false((pcall(mcpcap.analyze_traffic_flow, small, server, port, { progress = error })))
    end,
  }

  local function round(n)
    for _ = 1, n do
      for _, call in pairs(kinds) do
        call()
      end
    end
    if rawget(_G, "jit") then
      rawget(_G, "jit").flush()    -- what LuaJIT has compiled meanwhile is nothing that a call left behind
    end
    collectgarbage()
    collectgarbage()
    return descriptors(), resident(), collectgarbage("count")
  end

  it("leave descriptors and memory as they were", function()
    local rounds = child.is_sanitized and 100 or 10000 / 6
    local descriptors_before, resident_before, heap_before = round(rounds / 4)
    local descriptors_after, resident_after, heap_after = round(rounds)
    assert.equal(descriptors_before, descriptors_after)
    assert.is_true(heap_after - heap_before < 32, ("heap %.1f -> %.1f KiB"):format(heap_before, heap_after))
    if not child.is_sanitized then
      assert.is_true(resident_after - resident_before < 4 * 1024 * 1024,
        ("resident %d -> %d bytes"):format(resident_before, resident_after))
    end
  end)
end)
