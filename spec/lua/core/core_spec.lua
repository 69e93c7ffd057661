-- The binding: arguments.  Misuse is an error that names the argument and has the
-- position of the caller; failure of the world is nil, a message and a code.

local core = require "mcpcap.core"
local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local capture = here .. "../../fixtures/web-session.pcapng"
local server, port = "192.0.2.80", 80
local NAN, INFINITE = 0 / 0, 1 / 0

-- The message of the error that 'f' raises; fails if it raises none.
local function message_of(f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.equal("string", type(message))
  return message
end

local function refuses(expected, ...)
  for _, name in ipairs { "analyze_traffic_flow", "open" } do
    local message = message_of(mcpcap[name], ...)
    assert.matches(("'%s'"):format(name), message, 1, true)
    assert.matches(expected, message, 1, true)
  end
end

local closed = io.open(capture, "rb")
closed:close()
local others = { -- of every type that is neither text nor a number
  ["nil"] = nil, boolean = true, ["function"] = print, thread = coroutine.create(function() end),
}

describe("the argument path_or_url", function()
  local what = "bad argument #1 to "

  it("is text, a handle, or an array of them", function()
    for name, value in pairs(others) do
      refuses("got " .. name, value, server)
    end
    refuses("got nil", nil, server)
    refuses("got number", 1, server)
    refuses(what, nil, server)
    refuses("path_or_url: empty array", {}, server)
    refuses("path_or_url: empty array", { path = capture }, server)
    refuses("got number", { capture, 1 }, server)
    refuses("got table", { { capture } }, server)
    refuses("got boolean", { false }, server)
    refuses("path_or_url", { nil, capture }, server)
  end)

  it("has no NUL byte and is not empty", function()
    refuses("path_or_url: contains a NUL byte", capture .. "\0", server)
    refuses("path_or_url: contains a NUL byte", "\0", server)
    refuses("path_or_url: contains a NUL byte", capture .. "\0.pcap", server)
    refuses("path_or_url: contains a NUL byte", { capture, "a\0" }, server)
    refuses("path_or_url: empty string", "", server)
    refuses("path_or_url: empty string", { capture, "" }, server)
  end)

  it("is no closed handle and no other userdata", function()
    refuses("path_or_url: closed file handle", closed, server)
    refuses("path_or_url: closed file handle", { capture, closed }, server)
    local session = assert(mcpcap.open(capture, server))
    refuses("path_or_url", session.core, server)
    session:close()
  end)
end)

describe("the argument server_ip", function()
  it("is text", function()
    for name, value in pairs(others) do
      refuses("server_ip: string expected, got " .. name, capture, value)
    end
    refuses("server_ip: string expected, got nil", capture)
    refuses("server_ip: string expected, got number", capture, 3221225985)
    refuses("server_ip: string expected, got table", capture, { server })
    refuses("bad argument #2 to ", capture)
  end)

  local wrong = {
    "", " ", "x", "192.0.2", "192.0.2.", "192.0.2.80.", "192.0.2.80.1", "192.0.2.256", "192.0.2.-1", "192.0.2.080",
    "0xc0.0.2.80", "3221225985", "192.0.2.80/32", "192.0.2.80:80", " 192.0.2.80", "192.0.2.80 ", "192.0.2.80\n",
    "192,0,2,80", ":", ":::", "1::2::3", "2001:db8::g", "2001:db8:1:2:3:4:5:6:7", "2001:db8:1:2:3:4:5", "12345::",
    "[2001:db8::1]", "[2001:db8::1]:80", "fe80::1%eth0", "::ffff:192.0.2", "::ffff:192.0.2.256", "localhost",
    "example.org", ("1"):rep(100), ("1"):rep(100000), "\239\188\145.2.3.4",
  }
  for _, address in ipairs(wrong) do
    it(("is not %q"):format(#address > 40 and #address .. " digits" or address), function()
      refuses("server_ip: not an IPv4 or IPv6 address", capture, address)
    end)
  end

  it("has no NUL byte", function()
    refuses("server_ip: contains a NUL byte", capture, server .. "\0")
    refuses("server_ip: contains a NUL byte", capture, "\0" .. server)
  end)

  it("may be spelt in any legal way", function()
    local spellings = {
      ["192.0.2.80"] = { "192.0.2.80", "::ffff:192.0.2.80", "::FFFF:c000:250", "0:0:0:0:0:ffff:192.0.2.80" },
      ["2001:db8::80"] = { "2001:db8::80", "2001:DB8:0:0:0:0:0:80", "2001:0db8:0000::0080", "2001:db8::0.0.0.128" },
    }
    for canonical, list in pairs(spellings) do
      for _, spelling in ipairs(list) do
        assert.equal(canonical, core.canonical_address(spelling))
        local result = assert(mcpcap.analyze_traffic_flow(capture, spelling, port))
        assert.equal(canonical:find(":") and "[" .. canonical .. "]:80" or canonical .. ":80", result.server)
      end
    end
    assert.is_nil((core.canonical_address("192.0.2.80\0")))
  end)
end)

describe("the argument port", function()
  it("is a number", function()
    for name, value in pairs(others) do
      refuses("port: number expected, got " .. name, capture, server, value)
    end
    refuses("port: number expected, got string", capture, server, "80")
    refuses("port: number expected, got table", capture, server, { 80 })
    refuses("bad argument #3 to ", capture, server, "80")
  end)

  for _, value in ipairs { 0, -0.0, -1, 65536, 80.5, 2 ^ 31, 2 ^ 53, -2 ^ 63, INFINITE, -INFINITE, 1e-300, 65535.5 } do
    it("is not " .. tostring(value), function()
      refuses("port: integer from 1 to 65535 expected, got ", capture, server, value)
    end)
  end

  it("is not NaN", function()
    refuses("port: integer from 1 to 65535 expected", capture, server, NAN)
  end)

  it("may be left out, or be any integral value", function()
    assert.equal("192.0.2.80:any", assert(mcpcap.analyze_traffic_flow(capture, server)).server)
    assert.equal("192.0.2.80:any", assert(mcpcap.analyze_traffic_flow(capture, server, nil, nil)).server)
    for _, value in ipairs { 80, 80.0, 8e1, 1, 65535 } do
      local result = assert(mcpcap.analyze_traffic_flow(capture, server, value))
      assert.equal(("192.0.2.80:%.0f"):format(value), result.server)
    end
  end)
end)

describe("the options", function()
  local function refuses_option(expected, options)
    refuses(expected, capture, server, port, options)
    refuses("bad argument #4 to ", capture, server, port, options)
  end

  it("are a table", function()
    for _, value in pairs { 1, "x", true, false, print } do
      refuses_option("options: table expected, got " .. type(value), value)
    end
  end)

  it("are known by name", function()
    refuses_option("option 'filtre': unknown", { filtre = "tcp" })
    refuses_option("unknown", { "tcp" })
    refuses_option("unknown", { [true] = 1 })
    refuses_option("option 'Filter': unknown", { Filter = "tcp" })
    refuses_option("unknown", { ["filter\0"] = "tcp" })
    refuses_option("option '': unknown", { [""] = 1 })
    refuses_option("option 'url.host': unknown", { url = { host = { "a" } } })
    refuses_option("unknown", { url = { "a" } })
  end)

  local function refuses_types(name, expected, wrap)
    for _, value in pairs { true, print, "1", 1.5, {} } do
      local kind = type(value)
      if not expected[kind] then
        refuses_option(("option '%s'"):format(name), wrap and { url = { [name:match("%.(.*)")] = value } }
          or { [name] = value })
      end
    end
  end

  for _, name in ipairs { "max_packets", "max_bytes", "max_connections", "timeout_ms", "connect_timeout_ms",
    "stall_timeout_ms", "connections", "buckets" } do
    it("take whole numbers in their range: " .. name, function()
      refuses_types(name, {})
      for _, value in ipairs { -1, 2 ^ 53 + 2, INFINITE, -INFINITE, NAN, 0.5 } do
        refuses_option(("option '%s': integer from "):format(name), { [name] = value })
      end
      refuses_option(("option '%s': integer from "):format(name), { [name] = NAN })
      assert(mcpcap.analyze_traffic_flow(capture, server, port, { [name] = 1000.0 }))
    end)
  end

  it("take a number of threads that unpack", function()
    for _, value in ipairs { 0, 257, 1.5 } do
      refuses_option("option 'jobs': integer from 1 to 256", { jobs = value })
    end
    assert(mcpcap.analyze_traffic_flow(capture, server, port, { jobs = 256 }))
  end)

  it("take zero only where it means something", function()
    for _, name in ipairs { "max_packets", "max_bytes", "max_connections", "timeout_ms", "connect_timeout_ms",
      "stall_timeout_ms" } do
      refuses_option(("option '%s': integer from 1"):format(name), { [name] = 0 })
    end
    local result = assert(mcpcap.analyze_traffic_flow(capture, server, port, { connections = 0, buckets = 0 }))
    assert.same({}, result.connections)
  end)

  for _, name in ipairs { "start_time", "end_time" } do
    it("take times in seconds: " .. name, function()
      for _, value in pairs { true, "1", print } do
        refuses_option(("option '%s': number expected"):format(name), { [name] = value })
      end
      for _, value in ipairs { INFINITE, -INFINITE, NAN, 1e10, -1e10 } do
        refuses_option(("option '%s': number from "):format(name), { [name] = value })
      end
    end)
  end

  it("take durations in milliseconds: bucket_ms", function()
    for _, value in ipairs { 0, 0.5, -1, 1e11, INFINITE, NAN } do
      refuses_option("option 'bucket_ms': number from 1 to ", { bucket_ms = value })
    end
    local result = assert(mcpcap.analyze_traffic_flow(capture, server, port, { bucket_ms = 500 }))
    assert.equal(500, result.timeline.bucket_ms)
  end)

  it("have a window that begins before it ends", function()
    refuses_option("option 'start_time': not before option 'end_time'", { start_time = 2, end_time = 2 })
    refuses_option("option 'start_time': not before option 'end_time'", { start_time = 3, end_time = 2 })
  end)

  it("take strings without NUL: filter, url.ca_file", function()
    for _, value in pairs { true, 1, print } do
      refuses_option("option 'filter': string expected, got " .. type(value), { filter = value })
      refuses_option("option 'url.ca_file': string expected", { url = { ca_file = value } })
    end
    refuses_option("option 'filter': contains a NUL byte", { filter = "tcp\0" })
    refuses_option("option 'url.ca_file': contains a NUL byte", { url = { ca_file = "\0" } })
  end)

  it("do not choose how records are read: that is for tests", function()
    refuses_option("option 'reader': unknown", { reader = "libpcap" })
  end)

  it("take one of three sets of rules, the newest by default", function()
    assert.are.equal("wireshark-4.6", mcpcap.analyze_traffic_flow(capture, "192.0.2.80").rules)
    for _, rules in ipairs({ "wireshark-4.0", "wireshark-4.4", "wireshark-4.6" }) do
      assert.are.equal(rules, mcpcap.analyze_traffic_flow(capture, "192.0.2.80", nil, { rules = rules }).rules)
    end
    for _, rules in ipairs({ "", "4.0", "wireshark-4.2", 4 }) do
      refuses_option("option 'rules': ", { rules = rules })
    end
    local long = "\27[31m" .. ("x"):rep(1e6)
    local _, message = pcall(mcpcap.analyze_traffic_flow, capture, "192.0.2.80", nil, { rules = long })
    assert.is_true(#message < 600)
    assert.is_nil(message:find("\27", 1, true))
  end)

  it("take booleans: verify_checksums, url.allowed, url.private", function()
    for _, value in pairs { 0, 1, "true", print } do
      refuses_option("option 'verify_checksums': boolean expected", { verify_checksums = value })
      refuses_option("option 'url.allowed': boolean expected", { url = { allowed = value } })
      refuses_option("option 'url.private': boolean expected", { url = { private = value } })
    end
  end)

  it("take lists of strings: roots, url.hosts", function()
    for _, value in pairs { true, 1, "/", print } do
      refuses_option("option 'roots': table of strings expected", { roots = value })
      refuses_option("option 'url.hosts': table of strings expected", { url = { hosts = value } })
      if value ~= "/" then
        refuses_option("option 'roots': string expected", { roots = { "/", value } })
        refuses_option("option 'url.hosts': string expected", { url = { hosts = { value } } })
      end
    end
    refuses_option("option 'roots': contains a NUL byte", { roots = { "/\0" } })
  end)

  it("take a table: url, and a function: progress", function()
    for _, value in pairs { true, 1, "x" } do
      refuses_option("option 'url': table expected, got " .. type(value), { url = value })
      refuses_option("option 'progress': function expected, got " .. type(value), { progress = value })
    end
    refuses_option("option 'url.max_redirects': integer from 0 to 50", { url = { max_redirects = 51 } })
    refuses_option("option 'url.max_redirects': integer from 0 to 50", { url = { max_redirects = -1 } })
  end)

  it("may be in a table with a metatable", function()
    local options = setmetatable({ connections = 0 }, { __index = function() error("asked") end })
    assert.has_error(function() mcpcap.open(capture, server, port, options) end, "asked")
    options = setmetatable({}, { __index = { connections = 0 } })
    assert.same({}, assert(mcpcap.analyze_traffic_flow(capture, server, port, options)).connections)
  end)

  it("with a filter that names a host are refused where URLs may not lead everywhere", function()
    for _, url in ipairs { { private = false }, { allowed = false }, { hosts = { "example.org" } } } do
      for _, name in ipairs { "www.example.invalid", "host\\udp", "x" } do
        local result, message, code = mcpcap.analyze_traffic_flow(capture, server, port,
          { filter = "host " .. name, url = url })
        assert.is_nil(result)
        assert.equal("filter", code)
        assert.matches("names are not looked up", message, 1, true)
      end
      local known = { filter = "port 80 or host ::1", url = url }
      assert.is_table(mcpcap.analyze_traffic_flow(capture, server, port, known))
    end
  end)

  it("with a filter that cannot be compiled are the world's failure", function()
    local result, message, code = mcpcap.analyze_traffic_flow(capture, server, port, { filter = "tcp porz 80" })
    assert.is_nil(result)
    assert.equal("filter", code)
    assert.matches('filter "tcp porz 80"', message, 1, true)
  end)
end)

describe("an error of misuse", function()
  -- The message that 'f' raises begins with the line 'offset' lines below its head.
  local function at_line(f, offset)
    local line = debug.getinfo(f, "S").linedefined + offset
    assert.matches(("core_spec.lua:%d: bad argument #"):format(line), message_of(f), 1, true)
  end

  it("has the position of the caller", function()
    at_line(function()
      local result = mcpcap.analyze_traffic_flow(capture, server, 0)
      return result
    end, 1)
    at_line(function()
      local session = mcpcap.open(capture, server, port, { filter = 1 })
      return session
    end, 1)
    at_line(function()
      local session = assert(mcpcap.open(capture, server))
      local state = session:step("x")
      return state
    end, 2)
  end)

  it("has it whichever function was called", function()
    local calls = {
      { "open_connection", "connection", capture, server, port, { number = 1, filter = 1 } },
      { "open_connection", "connection", capture, server, port, { number = 0 } },
      { "open_connection", "connection", capture, server, port, {} },
      { "open_connection", "connection", capture, server, port, { number = 1, client = 1 } },
      { "open_connection", "connection", capture, server, port, "text" },
      { "open_connection", "connection", io.stdin, server, port, { number = 1 } },
      { "open_overview", "overview", capture, { filter = 1 } },
      { "open_overview", "overview", capture, { servers = 0 } },
      { "open_overview", "overview", 7 },
      { "open_comparison", "compare", { capture, capture }, server, port, { filter = 1 } },
      { "open_comparison", "compare", { capture, 7 }, server, port },
      { "analyze_tcp_connections", "analyze_tcp_connections", capture, server, port, { filter = 1 } },
      { "analyze_tcp_connections", "analyze_tcp_connections", capture, server, port, "text" },
      { "analyze_tcp_connections", "analyze_tcp_connections", capture, server, port, true },
    }
    for _, call in ipairs(calls) do
      for i = 1, 2 do
        at_line(function()
          local result = mcpcap[call[i]](call[3], call[4], call[5], call[6])
          return result
        end, 1)
      end
    end
  end)

  it("of a closed or wrong session has it, too", function()
    local session = assert(mcpcap.open(capture, server))
    session:close()
    local line = debug.getinfo(1, "l").currentline
    assert.matches(("core_spec.lua:%d: the session is closed"):format(line + 2),
      message_of(function() local state = session:step() return state end), 1, true)
    assert.matches(("core_spec.lua:%d: the session is closed"):format(line + 4),
      message_of(function() local result = session:result() return result end), 1, true)
    assert.matches(("core_spec.lua:%d: calling 'result' on a bad self"):format(line + 6),
      message_of(function() local result = session.result(1) return result end), 1, true)
  end)
end)

describe("a result", function()
  it("says when it was made", function()
    local now = "!%Y-%m-%dT%H:%M:%SZ"
    local before = os.date(now)
    local made = assert(mcpcap.analyze_traffic_flow(capture, server, port)).analysis_timestamp
    assert.is_true(before <= made and made <= os.date(now), made)
  end)

  it("names the server as it was asked for", function()
    local result = assert(mcpcap.analyze_traffic_flow(capture, "2001:0DB8::0:1", 443))
    assert.equal("[2001:db8::1]:443", result.server)
    assert.equal("2001:db8::1", result.server_ip)
    assert.equal(443, result.server_port)
    result = assert(mcpcap.analyze_traffic_flow(capture, server))
    assert.equal(server .. ":any", result.server)
    assert.is_nil(result.server_port)
  end)
end)

describe("a session", function()
  local session
  before_each(function() session = assert(mcpcap.open(capture, server, port)) end)
  after_each(function() session:close() end)

  it("refuses wrong shares of work", function()
    for _, value in ipairs { -1, 0.5, NAN, INFINITE, 2 ^ 53 + 2 } do
      assert.matches("bad argument #1 to 'step' (budget: ", message_of(session.step, session, value), 1, true)
    end
    for _, value in ipairs { -1, 0.5, NAN, INFINITE, 3600001 } do
      assert.matches("bad argument #2 to 'step' (wait_ms: ", message_of(session.step, session, 1, value), 1, true)
    end
    for _, value in pairs { true, "1", print, {} } do
      assert.matches("budget: number expected, got " .. type(value), message_of(session.step, session, value), 1, true)
      assert.matches("wait_ms: number expected", message_of(session.step, session, 1, value), 1, true)
      if type(value) ~= "string" then
        assert.matches("bad argument #1 to 'stop' (message: string", message_of(session.stop, session, value), 1, true)
      end
    end
    assert.matches("message: contains a NUL byte", message_of(session.stop, session, "\0"), 1, true)
  end)

  it("refuses to be somebody else", function()
    for _, name in ipairs { "step", "progress", "stop", "result", "close" } do
      for _, value in pairs { false, 1, "x", {}, io.stdout } do
        assert.matches(("calling '%s' on a bad self"):format(name), message_of(session[name], value), 1, true)
      end
    end
    for _, name in ipairs { "step", "progress", "stop", "facts", "close" } do
      for _, value in pairs { false, 1, "x", {}, io.stdout, { core = io.stdout }, { core = {} } } do
        assert.is_false((pcall(session.core[name], value)))
      end
    end
  end)

  it("can be closed any number of times, and then says so", function()
    session:close()
    session:close()
    assert.matches("(closed)", tostring(session), 1, true)
    for _, name in ipairs { "step", "progress", "stop", "result" } do
      assert.matches("the session is closed", message_of(session[name], session), 1, true)
    end
  end)
end)
