local json = require "mcpcap.json"
local uv_found, uv = pcall(require, "luv")

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local ROOT = uv_found and assert(uv.fs_realpath(here .. "../../..")) or ""
local FIXTURES = ROOT .. "/spec/fixtures"

-- Never reached on a machine that works; a test that waits for it has failed.
local PATIENCE_MS = 30000

-- The program that runs this, whatever Lua it is.
local function interpreter()
  local at = -1
  while arg and arg[at - 1] do
    at = at - 1
  end
  return arg and arg[at] or (rawget(_G, "jit") and "luajit" or "lua" .. _VERSION:match("%d%.%d"))
end

local function absolute(path)
  return (path:gsub("[^;]+", function(one)
    return one:find("^/") and one or ROOT .. "/" .. one:gsub("^%./", "")
  end))
end

-- Our surroundings, with the modules that we run with.
local function environment()
  local list = {}
  for name, value in pairs(uv.os_environ()) do
    if not name:find("^LUA_C?PATH") then
      list[#list + 1] = name .. "=" .. value
    end
  end
  list[#list + 1] = "LUA_PATH=" .. absolute(package.path)
  list[#list + 1] = "LUA_CPATH=" .. absolute(package.cpath)
  return list
end

-- A sanitizer reads /proc when the process ends, which the sandbox forbids.
local is_sanitized = interpreter():find("lua_host", 1, true) ~= nil

local function command(words)
  local args = { ROOT .. "/bin/mcpcap", "serve" }
  if is_sanitized then
    args[#args + 1] = "--sandbox=off"
  end
  for _, word in ipairs(words) do
    args[#args + 1] = word
  end
  return args
end

-- Lets the loop work until the condition holds.
local function wait_for(what, condition)
  local is_late = false
  local timer = uv.new_timer()
  timer:start(PATIENCE_MS, 0, function() is_late = true end)
  while not condition() and not is_late do
    uv.run("once")
  end
  timer:close()
  if is_late then
    error("waited in vain for " .. what, 2)
  end
end

-- A running server: `send(text)`, `lines`, `errors`, `status`.
local function start(words, options)
  options = options or {}
  local s = { lines = {}, errors = "", pieces = {} }
  local decoded = {}
  local input, output, errors = uv.new_pipe(false), uv.new_pipe(false), uv.new_pipe(false)
  local process, pid = assert(uv.spawn(interpreter(), {
    args = command(words), stdio = { input, output, errors }, cwd = options.cwd, env = environment(),
  }, function(status, signal)
    s.status, s.signal = status, signal
  end))
  output:read_start(function(_, bytes)
    local from = 1
    while bytes do
      local newline = bytes:find("\n", from, true)
      s.pieces[#s.pieces + 1] = bytes:sub(from, newline and newline - 1)
      if not newline then
        break
      end
      s.lines[#s.lines + 1] = table.concat(s.pieces)
      s.pieces, from = {}, newline + 1
    end
  end)
  errors:read_start(function(_, bytes) s.errors = s.errors .. (bytes or "") end)

  s.pid = pid

  function s.send(text) input:write(text) end
  function s.finish() if not input:is_closing() then input:close() end end
  function s.deafen() output:close() end
  function s.kill(name) process:kill(name) end

  -- The n-th line (from the start), decoded once.
  function s.line(n)
    wait_for("line " .. n, function() return s.lines[n] or s.status end)
    decoded[n] = decoded[n] or assert(json.decode(assert(s.lines[n], "the server has ended")))
    return decoded[n]
  end

  -- The reply with this id, and where it stands.
  function s.reply(id)
    local function find()
      for i = 1, #s.lines do
        if s.line(i).id == id then
          return s.line(i), i
        end
      end
      return nil
    end
    wait_for("the reply to " .. tostring(id), function() return find() or s.status end)
    return find()
  end

  function s.exit()
    wait_for("the end", function() return s.status end)
    for _, handle in ipairs { input, output, errors, process } do
      if not handle:is_closing() then
        handle:close()
      end
    end
    return s.status
  end

  return s
end

-- A capture's first bytes, then what `more` says: "stall" for silence, "flood"
-- for packets without end.  `connections` counts, `open` is how many there are.
local function web_server(more)
  local w = { connections = 0, open = 0 }
  local head = "\212\195\178\161\2\0\4\0" .. ("\0"):rep(8) .. "\0\0\4\0" .. "\1\0\0\0"
  local packet = "\0\0\0\1\0\0\0\0" .. "\60\0\0\0\60\0\0\0" .. ("\0"):rep(60)
  local block = packet:rep(1000)
  local listener = uv.new_tcp()
  assert(listener:bind("127.0.0.1", 0))
  w.url = ("http://127.0.0.1:%d/x.pcap"):format(listener:getsockname().port)
  local clients = {}
  listener:listen(16, function()
    local client = uv.new_tcp()
    listener:accept(client)
    w.connections, w.open = w.connections + 1, w.open + 1
    clients[#clients + 1] = client
    local has_ended = false
    local function leave()
      if not has_ended then
        has_ended = true
        w.open = w.open - 1
        client:close()
      end
    end
    local function flood(failure)
      if failure then
        return leave()
      elseif not has_ended then
        client:write(block, flood)
      end
    end
    client:read_start(function(_, bytes)
      if not bytes then
        return leave()
      elseif bytes:find("\r\n\r\n", 1, true) then
        client:write("HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n" .. head .. packet)
        if more == "flood" then
          flood()
        end
      end
    end)
  end)
  function w.close()
    listener:close()
    for _, client in ipairs(clients) do
      if not client:is_closing() then
        client:close()
      end
    end
  end
  return w
end

local function message(method, params, id)
  return json.encode { jsonrpc = "2.0", id = id, method = method, params = params } .. "\n"
end

local function call(file, id, token, tool)
  return message("tools/call", {
    name = tool or "analyze_traffic_flow", arguments = { pcap_file = file, server_ip = "192.0.2.80" },
    _meta = token and { progressToken = token } or nil,
  }, id)
end

local function cancel(id)
  return message("notifications/cancelled", { requestId = id })
end

if not uv_found then
  pending "mcpcap serve (the Lua module luv is not installed)"
  return
end

describe("mcpcap serve", function()
  local s, w

  local function serve(...)
    s = start { ... }
    return s
  end

  -- Who writes to a server that has closed its end gets an error, not the end of this
  -- process: the hosts below do so when a call is over.
  before_each(function()
    local broken_pipe = uv.new_signal()
    broken_pipe:unref()
    broken_pipe:start("sigpipe", function() end)
  end)

  after_each(function()
    if s and not s.status then
      s.kill("sigkill")
      s.exit()
    end
    if w then
      w.close()
    end
    s, w = nil, nil
    -- Nothing of libuv may be left for the end of this Lua.
    uv.walk(function(handle)
      if not handle:is_closing() then
        handle:close()
      end
    end)
    uv.run("default")
  end)

  it("answers one line for a line, and nothing else, and ends with its input", function()
    serve()
    s.send(message("initialize", { protocolVersion = "2025-11-25", capabilities = json.object() }, 0))
    assert.equal("2025-11-25", s.line(1).result.protocolVersion)
    s.send(message "notifications/initialized")
    s.send(message("ping", nil, 1))
    assert.equal('{"jsonrpc":"2.0","id":1,"result":{}}', s.line(2) and s.lines[2])
    s.finish()
    assert.equal(0, s.exit())
    assert.equal(2, #s.lines)
    assert.equal("", table.concat(s.pieces))
    assert.equal("", s.errors)
  end)

  it("takes lines in pieces, many at once, with CRLF, blank ones, and a last one without its end", function()
    serve()
    local text = message("ping", nil, "\195\164"):gsub("\\u00e4", "\195\164")
    for i = 1, #text do
      s.send(text:sub(i, i))
      uv.run("nowait")
    end
    s.send("\n \r\n" .. message("ping", nil, 2):gsub("\n", "\r\n") .. message("ping", nil, 3)
      .. message("ping", nil, 4):gsub("\n", ""))
    s.finish()
    assert.equal(0, s.exit())
    assert.equal(4, #s.lines)
    assert.equal("\195\164", s.line(1).id)
    for i = 2, 4 do
      assert.equal(i, s.line(i).id)
    end
  end)

  it("lives on after lines that are too long or too deep", function()
    serve()
    local block = ("["):rep(1000000)
    for _ = 1, 6 do
      s.send(block)
    end
    s.send("\n" .. block .. "\n" .. message("ping", nil, 1))
    assert.equal(-32600, s.line(1).error.code)
    assert.equal(-32700, s.line(2).error.code)
    assert.equal(1, s.line(3).id)
    assert.is_nil(s.lines[4])
  end)

  it("answers what it does not read with its id, wherever that stands", function()
    serve()
    local numbers = ("1,"):rep(200000) .. "1"
    local long = ("x"):rep(5 * 1024 * 1024)
    local quoted = ('\\"}],'):rep(1000000)
    s.send('{"jsonrpc":"2.0","id":"first","method":"ping","params":{"a":[' .. numbers .. "]}}\n")
    s.send('{"jsonrpc":"2.0","method":"ping","params":{"id":7,"a":[' .. numbers .. '] } , "id" : 2 }\n')
    s.send('{"id":"\\u0061\\"b","jsonrpc":"2.0","method":"ping","params":{"a":"' .. long .. '"}}\n')
    s.send('{"jsonrpc":"2.0","method":"ping","params":{"a":"' .. quoted .. '"},"id":-4}\n')
    s.send('{"jsonrpc":"2.0","method":"note","params":{"id":5,"a":"' .. long .. '"}}\n')
    s.send(message("ping", nil, 6))
    for i, id in ipairs { "first", 2, 'a"b', -4 } do
      assert.equal(id, s.line(i).id)
      assert.equal(i < 3 and -32700 or -32600, s.line(i).error.code)
    end
    assert.equal(-32600, s.line(5).error.code)
    assert.equal(json.null, s.line(5).id or json.null)
    assert.equal(6, s.line(6).id)
    assert.is_nil(s.lines[7])
  end)

  it("ends the conversation when a request that is not read shows no id", function()
    serve()
    s.send(message("ping", nil, 1))
    s.send('{"jsonrpc":"2.0","method":"ping","params":{"a":[' .. ("[],"):rep(1200000) .. '[]]},"id":2}\n')
    assert.equal(1, s.line(1).id)
    assert.equal(-32700, s.line(2).error.code)
    assert.equal(1, s.exit())
    assert.is_nil(s.lines[3])
    assert.truthy(s.errors:find("without a visible id", 1, true))
  end)

  it("answers everything that was asked before the end of its input", function()
    serve()
    local list = {}
    for i = 1, 500 do
      list[i] = message(i % 50 == 0 and "tools/list" or "ping", nil, i)
    end
    s.send(table.concat(list))
    s.finish()
    assert.equal(0, s.exit())
    assert.equal(500, #s.lines)
    local seen = {}
    for i = 1, #s.lines do
      seen[s.line(i).id] = true
    end
    for i = 1, 500 do
      assert.is_true(seen[i])
    end
  end)

  for _, kind in ipairs { "stall", "flood" } do
    it("answers and cancels while it reads from a host that has only to " .. kind, function()
      w = web_server(kind)
      serve("--root", FIXTURES, "--allow-private", "--max-bytes", "1T")
      s.send(call(w.url, "long", "p"))
      wait_for("the connection", function() return w.open == 1 end)
      assert.equal("notifications/progress", s.line(1).method)
      s.send(message("ping", nil, 1))
      s.send(message("tools/list", nil, 2))
      s.send(call("clean-http.pcap", 3))
      assert.truthy(s.reply(1).result)
      assert.truthy(s.reply(2).result.tools)
      assert.equal("ok", s.reply(3).result.structuredContent.status)
      s.send(cancel "other")
      s.send(message("ping", nil, 4))
      s.reply(4)
      assert.equal(1, w.open)
      s.send(cancel "long")
      wait_for("the end of the transfer", function() return w.open == 0 end)
      s.send(message("ping", nil, 5))
      local _, at = s.reply(5)
      s.send(message("ping", nil, 6))
      local _, last = s.reply(6)
      assert.equal(at + 1, last)
      s.finish()
      assert.equal(0, s.exit())
      for i = 1, #s.lines do
        assert.not_equal("long", s.line(i).id)
      end
    end)
  end

  it("sends progress that grows, and none without a token", function()
    w = web_server "flood"
    serve("--allow-private", "--max-bytes", "1T", "--max-packets", "300k")
    s.send(call(w.url, 1, "p"))
    s.send(call(w.url, 2))
    assert.equal("limit", s.reply(1).result.structuredContent.capture.stopped.reason)
    assert.truthy(s.reply(2))
    local last = -1
    for i = 1, #s.lines do
      local m = s.line(i)
      if m.method then
        assert.equal("p", m.params.progressToken)
        assert.truthy(m.params.progress > last)
        last = m.params.progress
      end
    end
    assert.truthy(last >= 0)
  end)

  describe("given a folder", function()
    local cutting = dofile(here .. "../cutting.lua")
    local folder, names

    -- Three pieces whose names and times of change are in another order than their frames.
    before_each(function()
      folder, names = os.tmpname(), {}
      os.remove(folder)
      assert(uv.fs_mkdir(folder, 448))
      local file = assert(io.open(FIXTURES .. "/clean-http.pcap", "rb"))
      local pieces = cutting.cut(file:read("*a"), { 5, 9 })
      file:close()
      for i, name in ipairs { "b.pcap", "c.pcap", "a.pcap" } do
        names[i] = folder .. "/" .. name
        local out = assert(io.open(names[i], "wb"))
        out:write(pieces[i])
        out:close()
        assert(uv.fs_utime(names[i], 1000 - i, 1000 - i))
      end
    end)

    after_each(function()
      for _, name in ipairs(names) do
        os.remove(name)
      end
      uv.fs_rmdir(folder)
    end)

    local function counts(reply)
      local told = reply.result.structuredContent
      return { told.total_packets, told.connection_count, told.capture.time_regressions, told.status }
    end

    it("reads its captures as one series, in the order of their frames", function()
      serve("--root", folder, "--root", FIXTURES)
      s.send(call(FIXTURES .. "/clean-http.pcap", 1))
      s.send(call(folder, 2, "p"))
      s.send(call(folder .. "/?.pcap", 3))
      s.send(call(folder .. "/", 4, nil, "analyze_tcp_connections"))
      s.send(call(folder .. "/[bc].pcap", 5))
      local want = counts(s.reply(1))
      assert.same(want, counts(s.reply(2)))
      assert.equal(folder .. " (3 files)", s.reply(2).result.structuredContent.file)
      assert.same(want, counts(s.reply(3)))
      assert.equal(folder .. "/ (3 files)", s.reply(4).result.structuredContent.file)
      assert.equal(9, s.reply(5).result.structuredContent.total_packets)
    end)

    it("says what is wrong with it", function()
      serve("--root", FIXTURES)
      s.send(call(folder, 1))
      s.send(call(folder .. "/*.pcap", 2))
      s.send(call("/nonexistent/*.pcap", 3))
      s.send(call("*.nothing", 4))
      local outside = "outside of the allowed"
      for id, says in ipairs { outside, outside, "nonexistent", "no captures there" } do
        local result = s.reply(id).result
        assert.is_true(result.isError)
        assert.truthy(result.content[1].text:find(says, 1, true), result.content[1].text)
      end
    end)

    it("names the file that is none", function()
      local out = assert(io.open(names[2], "wb"))
      out:write("no capture")
      out:close()
      serve("--root", folder)
      s.send(call(folder, 1))
      local result = s.reply(1).result
      assert.is_true(result.isError)
      assert.truthy(result.content[1].text:find("c.pcap", 1, true))
    end)
  end)

  it("lets calls wait for their turn, and forgets those that are cancelled there", function()
    w = web_server "stall"
    serve("--root", FIXTURES, "--allow-private", "--max-calls", "1")
    s.send(call(w.url, "first"))
    wait_for("the connection", function() return w.open == 1 end)
    s.send(call("clean-http.pcap", "second"))
    s.send(call("clean-http.pcap", "third"))
    s.send(cancel "second")
    s.send(message("ping", nil, 1))
    s.reply(1)
    assert.equal(1, #s.lines)
    s.send(cancel "first")
    assert.equal("ok", s.reply("third").result.structuredContent.status)
    assert.equal(2, #s.lines)
  end)

  it("ends with its input although a call hangs", function()
    w = web_server "stall"
    serve("--allow-private")
    s.send(call(w.url, 1))
    wait_for("the connection", function() return w.open == 1 end)
    s.finish()
    assert.equal(0, s.exit())
    assert.equal(0, #s.lines)
  end)

  for name, status in pairs { sigterm = 0, sighup = 0, sigint = 130 } do
    it("ends at " .. name .. " although a call hangs", function()
      w = web_server "stall"
      serve("--allow-private")
      s.send(call(w.url, 1))
      wait_for("the connection", function() return w.open == 1 end)
      s.kill(name)
      assert.equal(status, s.exit())
      assert.equal(0, s.signal)
    end)
  end

  it("ends when nobody reads its answers", function()
    serve()
    s.send(message("ping", nil, 1))
    s.line(1)
    s.deafen()
    s.send(message("ping", nil, 2))
    assert.equal(141, s.exit())
  end)

  it("keeps on when a client is slow to read", function()
    serve()
    local line = message("tools/list", nil, 1)
    for _ = 1, 3 do                      -- some 7 MB of answers
      s.send(line:rep(100))
    end
    s.line(300)
    s.finish()
    assert.equal(0, s.exit())
    assert.equal(300, #s.lines)
  end)

  it("reaches for no address that is not public unless it was told to", function()
    w = web_server "stall"
    serve("--root", FIXTURES)
    s.send(call(w.url, 1))
    local result = s.reply(1).result
    assert.is_true(result.isError)
    assert.truthy(result.content[1].text:find("not allowed", 1, true))
    assert.equal(0, w.connections)
  end)

  it("fetches only from the hosts that were named, or not at all", function()
    w = web_server "stall"
    for _, words in ipairs { { "--allow-private", "--url-host", "captures.example" },
      { "--allow-private", "--no-url" } } do
      s = start(words)
      s.send(call(w.url, 1))
      assert.is_true(s.reply(1).result.isError)
      assert.equal(0, w.connections)
      s.finish()
      s.exit()
    end
  end)

  it("stops at its limit of time, with a reason", function()
    w = web_server "stall"
    serve("--allow-private", "--timeout-ms", "300")
    s.send(call(w.url, 1))
    local result = s.reply(1).result
    assert.is_true(result.isError or result.structuredContent.capture.stopped.reason == "timeout"
      or result.structuredContent.capture.truncated ~= nil)
  end)

  it("reads below the folders it was given, by any name, and nowhere else", function()
    s = start({ "--root", FIXTURES, "--root", ROOT .. "/spec/golden" }, { cwd = "/" })
    s.send(call("clean-http.pcap", 1))
    s.send(call(FIXTURES .. "/../fixtures/clean-http.pcap", 2))
    s.send(call("../../README.md", 3))
    s.send(call("/etc/passwd", 4))
    s.send(call("/dev/stdin", 5))
    s.send(call("-", 6))
    s.send(call("../golden/ok.txt", 7))
    assert.is_nil(s.reply(1).result.isError)
    assert.equal("clean-http.pcap", s.reply(1).result.structuredContent.file)
    assert.is_nil(s.reply(2).result.isError)
    for i = 3, 7 do
      assert.is_true(s.reply(i).result.isError)
    end
    assert.truthy(s.reply(3).result.content[1].text:find("outside of the allowed folders", 1, true))
    assert.truthy(s.reply(4).result.content[1].text:find("outside of the allowed folders", 1, true))
    assert.truthy(s.reply(7).result.content[1].text:find("file format", 1, true))
  end)

  it("reads below the folder it was started in when none is given, but never everywhere", function()
    s = start({}, { cwd = FIXTURES })
    s.send(call("clean-http.pcap", 1))
    s.send(call("/etc/passwd", 2))
    assert.is_nil(s.reply(1).result.isError)
    assert.is_true(s.reply(2).result.isError)
    s.finish()
    s.exit()
    s = start({}, { cwd = "/" })
    s.send(call(FIXTURES .. "/clean-http.pcap", 1))
    assert.truthy(s.reply(1).result.content[1].text:find("outside of the allowed folders", 1, true))
  end)

  it("enters the sandbox before it answers, unless it is told not to", function()
    if is_sanitized then
      return pending("a sanitizer reads /proc when the process ends")
    end
    for _, case in ipairs { { "on", "2" }, { "auto", "2" }, { "off", "0" } } do
      local one = start({ "--root", FIXTURES, "--no-url", "--sandbox", case[1] })
      one.send('{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
      wait_for("an answer or the end", function() return one.lines[1] or one.status end)
      local file = io.open(("/proc/%d/status"):format(one.pid))
      local filters = file and file:read("*a"):match("\nSeccomp:%s*(%d)")
      if file then
        file:close()
      end
      one.finish()
      local status = one.exit()
      if case[1] == "on" and status == 1 then
        assert.matches("serve: --sandbox on: ", one.errors, 1, true)
        return pending(one.errors)
      end
      assert.equal(0, status)
      assert.equal(case[2], filters)
    end
  end)

  it("says what is wrong with its words, on standard error", function()
    local function ends(...)
      s = start { ... }
      s.finish()
      local status = s.exit()
      return status, s.errors, #s.lines
    end
    local status, errors, lines = ends("--root", "/nowhere/at/all")
    assert.equal(1, status)
    assert.truthy(errors:find("/nowhere/at/all", 1, true))
    assert.equal(0, lines)
    for _, words in ipairs { { "--nonsense" }, { "--max-bytes", "many" }, { "--timeout-ms", "-1" },
      { "--max-calls", "0" }, { "--root", "" }, { "stray" } } do
      status, errors, lines = ends(words[1], words[2])
      assert.equal(2, status)
      assert.truthy(errors:find("Usage", 1, true))
      assert.equal(0, lines)
    end
    status, errors, lines = ends("--help")
    assert.equal(0, status)
    assert.equal("", errors)
    assert.truthy(lines > 10)
  end)
end)
