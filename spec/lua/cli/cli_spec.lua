local cli = require "mcpcap.cli"
local cli_options = require "mcpcap.cli.options"
local orders = require "mcpcap.cli.orders"
local core = require "mcpcap.core"
local json = require "mcpcap.json"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local samples = dofile(here .. "../sample_results.lua")
local child = dofile(here .. "../child.lua")
local root = here .. "../../../"

-- A stream that keeps what is written; 'failure' is what write gives instead.
local function stream(failure)
  local s = { text = "" }
  function s:write(...)
    if failure then
      return nil, failure[1], failure[2]
    end
    self.text = self.text .. table.concat({ ... })
    return self
  end
  function s:flush()
    return self
  end
  return s
end

-- A library whose sessions give 'result' after 'steps'; a step is "more",
-- { message, code } for a failure, or a function that is called.
local function library(result, steps)
  local lib = { opened = {}, version = "0.2.0", closed = 0 }
  function lib.open(...)
    lib.opened[#lib.opened + 1] = { ... }
    local session, at = {}, 0
    function session.step()
      at = at + 1
      local step = (steps or {})[at]
      if type(step) == "function" then
        return step()
      elseif type(step) == "table" then
        return nil, step[1], step[2]
      end
      return step or "done"
    end
    function session.progress()
      return at * 1000, 4000
    end
    function session.result()
      return result
    end
    function session.close()
      lib.closed = lib.closed + 1
    end
    return session
  end
  return lib
end

local function run(words, lib, more)
  local out, err = stream(), stream()
  local surroundings = {
    library = lib, isatty = function() return false end, getenv = function() return nil end, input = "the input",
    clock = function() return 0 end,
  }
  for key, value in pairs(more or {}) do
    surroundings[key] = value
  end
  local status = cli.main(words, more and more.out or out, err, surroundings)
  return status, out.text, err.text
end

local function parsed(...)
  return orders.parse(require "argparse", { ... })
end

describe("mcpcap flow", function()
  it("prints a report and ends with 0", function()
    local lib = library(samples.ok(), { "more", "more" })
    local status, out, err = run({ "flow", "a.pcap", "192.0.2.80", "443", "--format", "text" }, lib)
    assert.equal(0, status)
    assert.matches("BOTH DIRECTIONS", out, 1, true)
    assert.equal("", err)
    assert.same({ "a.pcap", "192.0.2.80", 443, {} }, lib.opened[1])
    assert.equal(1, lib.closed)
  end)

  it("prints JSON that reads back", function()
    local status, out = run({ "flow", "a.pcap", "192.0.2.80", "443", "--format", "json" }, library(samples.ok()))
    assert.equal(0, status)
    assert.equal("192.0.2.80:443", assert(json.decode(out)).server)
  end)

  it("reads several captures as one, and - from its input", function()
    local lib = library(samples.ok())
    run({ "flow", "a.pcap", "-", "b.pcap", "::1" }, lib)
    assert.same({ "a.pcap", "the input", "b.pcap" }, lib.opened[1][1])
    assert.equal("::1", lib.opened[1][2])
    assert.is_nil(lib.opened[1][3])
    run({ "flow", "-", "::1" }, lib)
    assert.equal("the input", lib.opened[2][1])
  end)

  it("refuses to wait for a capture from a keyboard", function()
    local status, _, err = run({ "flow", "-", "::1" }, library(samples.ok()), { isatty = function() return true end })
    assert.equal(2, status)
    assert.matches("standard input is a terminal", err, 1, true)
  end)

  it("gives every option to the library", function()
    local lib = library(samples.ok())
    run({ "flow", "--filter", "tcp port 80", "--start-time", "2026-03-01T10:00:00Z", "--end-time=1772362800.5",
      "--max-packets", "10k", "--max-bytes", "2.5G", "--max-connections", "7", "--timeout-ms", "1500",
      "--connect-timeout-ms", "3000", "--stall-timeout-ms", "20", "--jobs", "4",
      "--connections", "0", "--buckets", "20", "--bucket-ms", "500", "--verify-checksums", "--rules", "4.4",
      "--ca-file", "ca.pem", "--public-only", "a.pcap", "::1" }, lib)
    assert.same({
      filter = "tcp port 80", start_time = 1772359200, end_time = 1772362800.5, max_packets = 10000,
      max_bytes = 2500000000, max_connections = 7, timeout_ms = 1500, connect_timeout_ms = 3000, stall_timeout_ms = 20,
      jobs = 4,
      connections = 0, buckets = 20, bucket_ms = 500, verify_checksums = true, rules = "wireshark-4.4",
      url = { ca_file = "ca.pem", private = false },
    }, lib.opened[1][4])
  end)

  it("takes from 1 to 256 jobs", function()
    for _, word in ipairs { "0", "257", "two" } do
      local status, _, err = run({ "flow", "--jobs", word, "a.pcap", "::1" }, library(samples.ok()))
      assert.equal(2, status)
      assert.matches("'" .. word .. "' is no number of jobs (1 to 256)", err, 1, true)
    end
  end)

  it("names the world's failure on standard error and ends with 1", function()
    local lib = { open = function() return nil, "x.pcap: No such file or directory", "not_found" end }
    local status, out, err = run({ "flow", "x.pcap", "::1" }, lib)
    assert.equal(1, status)
    assert.equal("", out)
    assert.equal("mcpcap: x.pcap: No such file or directory\n", err)
  end)

  it("says where an address stands that was taken for a capture", function()
    local lib = { open_overview = function() return nil, "192.0.2.80: No such file or directory", "not_found" end }
    for _, words in ipairs { { "flow", "192.0.2.80", "80", "x.pcap" }, { "flow", "x.pcap", "192.0.2.80", "http" } } do
      local status, _, err = run(words, lib)
      assert.equal(1, status)
      assert.equal("mcpcap: 192.0.2.80: No such file or directory (an address stands behind all captures, "
        .. "and behind it a port, as a number)\n", err)
    end
  end)

  it("suggests the command that may be meant, in one line", function()
    local status, _, err = run({ "floww", "x.pcap" }, {})
    assert.equal(2, status)
    assert.matches("mcpcap: unknown command 'floww'. Did you mean 'flow'?\n", err, 1, true)
  end)

  it("ends with 1 when a step fails before anything was read", function()
    local result = samples.ok()
    result.total_packets = 0
    local lib = library(result, { { "x: not a capture file", "format" } })
    local status, out, err = run({ "flow", "x", "::1" }, lib)
    assert.equal(1, status)
    assert.equal("", out)
    assert.equal("mcpcap: x: not a capture file\n", err)
    assert.equal(1, lib.closed)
  end)

  it("reports what was read when a later step fails, with a warning, and ends with 0", function()
    local lib = library(samples.ok(), { "more", { "x: transfer failed", "network" } })
    local status, out, err = run({ "flow", "x", "::1" }, lib)
    assert.equal(0, status)
    assert.matches("The work was stopped: x: transfer failed", out, 1, true)
    assert.equal("mcpcap: warning: The work was stopped: x: transfer failed. "
      .. "The figures cover what was read before.\n", err)
  end)

  it("warns of a truncated capture", function()
    local status, _, err = run({ "flow", "x", "::1" }, library(samples.truncated()))
    assert.equal(0, status)
    assert.matches("^mcpcap: warning: The capture ends early in .* at byte 1,048,576: ", err)
  end)

  it("ends with 2 for a bad filter, and for what the library calls misuse", function()
    local lib = { open = function() return nil, "filter 'tcp prt': syntax error", "filter" end }
    assert.equal(2, (run({ "flow", "x", "::1", "--filter", "tcp prt" }, lib)))
    lib = { open = function() error("x.lua:1: bad argument #4 to 'open' (option 'buckets': too many)", 0) end }
    local status, _, err = run({ "flow", "x", "::1" }, lib)
    assert.equal(2, status)
    assert.equal("mcpcap: option 'buckets': too many\n", err)
  end)

  it("is no defect where there is not enough memory", function()
    for _, problem in ipairs { "not enough memory", "error loading module 'x':\n\tnot enough memory" } do
      local status, _, err = run({ "flow", "x", "::1" }, { open = function() error(problem, 0) end })
      assert.equal(1, status)
      assert.equal("mcpcap: not enough memory\n", err)
    end
  end)

  it("shows a defect with its traceback and ends with 70", function()
    for _, lib in ipairs {
      { open = function() error("boom") end },
      library(samples.ok(), { function() error("boom") end }),
      { open = function() error({}) end },
    } do
      local status, _, err = run({ "flow", "x", "::1" }, lib)
      assert.equal(70, status)
      assert.matches("a defect of this program", err, 1, true)
      assert.matches("stack traceback", err, 1, true)
    end
  end)

  it("reports what was read when it is interrupted, and ends with 130", function()
    local stopped
    local lib = library(samples.ok(), { "more", function() error("interrupted!", 2) end })
    local open = lib.open
    lib.open = function(...)
      local session = open(...)
      function session.stop(_, message) stopped = message end
      return session
    end
    local status, out, err = run({ "flow", "x", "::1" }, lib)
    assert.equal(130, status)
    assert.equal("interrupted", stopped)
    assert.matches("The work was stopped: interrupted", out, 1, true)
    assert.matches("warning: The work was stopped: interrupted", err, 1, true)
    assert.equal(1, lib.closed)
  end)

  it("says that no state and no part was written when it is interrupted", function()
    local steps = { "more", function() error("interrupted!", 2) end }
    local status, out, err = run({ "flow", "x", "::1", "--save-state", "s.state" }, library(samples.ok(), steps))
    assert.equal(130, status)
    assert.matches("BOTH DIRECTIONS", out, 1, true)
    assert.matches("s.state is not written", err, 1, true)
    status, out, err = run({ "map", "x", "::1", "--output", "a.part" }, library(samples.ok(), steps))
    assert.equal(130, status)
    assert.equal("", out)
    assert.matches("a.part is not written", err, 1, true)
  end)

  it("is interrupted while it loads what may be missing", function()
    package.preload["mcpcap.core"], package.loaded["mcpcap.core"] = function() error("interrupted!") end, nil
    local status, _, err = run({ "flow", "x", "::1" }, library(samples.ok()))
    package.preload["mcpcap.core"], package.loaded["mcpcap.core"] = nil, core
    assert.equal(130, status)
    assert.equal("", err)
  end)

  it("ends with 130 and no report when it is interrupted before the first packet", function()
    local result = samples.ok()
    result.total_packets = 0
    local status, out, err = run({ "flow", "x", "::1" }, library(result, { function() error("interrupted!") end }))
    assert.equal(130, status)
    assert.equal("", out)
    assert.matches("interrupted before the first packet", err, 1, true)
    assert.equal(130, (run({ "flow", "x", "::1" }, { open = function() error("interrupted!") end })))
  end)

  it("ends quietly when nobody reads its output", function()
    local status, _, err = run({ "flow", "x", "::1" }, library(samples.ok()),
      { out = stream { "Broken pipe", 32 } })
    assert.equal(141, status)
    assert.equal("", err)
  end)

  it("ends with 1 when the output cannot be written", function()
    local status, _, err = run({ "flow", "x", "::1" }, library(samples.ok()),
      { out = stream { "No space left on device", 28 } })
    assert.equal(1, status)
    assert.equal("mcpcap: standard output: No space left on device\n", err)
  end)

  it("sees a full disk that shows itself only at the end", function()
    local full = io.open("/dev/full", "w")
    if not full then
      pending("no /dev/full here")
      return
    end
    full:setvbuf("full")
    -- So short that it stays in the buffer until it is emptied.
    local status, _, err = run({ "--version" }, library(samples.ok()), { out = full })
    full:close()
    assert.equal(1, status)
    assert.matches("^mcpcap: standard output: ", err)
  end)

  it("writes a file, in the format that its ending says", function()
    local path = os.tmpname()
    local status, out = run({ "flow", "x", "::1", "--output", path }, library(samples.ok()))
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    os.remove(path)
    assert.equal(0, status)
    assert.equal("", out)
    assert.matches("BOTH DIRECTIONS", text, 1, true)
    assert.equal("html", parsed("flow", "x", "::1", "-o", "a/b.HTML").flow.format)
    assert.equal("markdown", parsed("flow", "x", "::1", "-o", "b.md").flow.format)
    assert.equal("json", parsed("flow", "x", "::1", "-o", "b.json").flow.format)
    assert.equal("text", parsed("flow", "x", "::1", "-o", "b.pcap.out").flow.format)
    assert.equal("json", parsed("flow", "x", "::1", "-o", "b.html", "-f", "json").flow.format)
  end)

  it("names a file that cannot be written, once", function()
    local status, _, err = run({ "flow", "x", "::1", "-o", "/nonexistent/r.txt" }, library(samples.ok()))
    assert.equal(1, status)
    local _, times = err:gsub("/nonexistent/r.txt", "")
    assert.equal(1, times)
  end)

  it("never writes the report over the capture", function()
    local status, _, err = run({ "flow", "x.pcap", "::1", "--output", "x.pcap" }, library(samples.ok()))
    assert.equal(2, status)
    assert.matches("overwrite", err, 1, true)
  end)

  it("corrects the command with the captures it was given", function()
    local _, out = run({ "flow", "my web.pcap", "192.0.2.80", "80" }, library(samples.no_match()))
    assert.matches("mcpcap flow 'my web.pcap' 192.0.2.80 8443", out, 1, true)
  end)

  it("shows nothing secret of a URL in any format", function()
    for _, format in ipairs { "text", "markdown", "json", "html" } do
      for _, sample in ipairs { samples.ok(), samples.no_match() } do
        local url = "http://me:geheim@h.example/web.pcap?token=geheim#geheim"
        local _, out, err = run({ "flow", url, "192.0.2.80", "80", "-f", format }, library(sample))
        assert.is_true(#out > 0)
        assert.not_matches("geheim", out .. err, 1, true)
        assert.not_matches("me:", out:gsub("[%w-]+me:", ""), 1, true)
      end
    end
  end)

  it("colours on a terminal unless told otherwise", function()
    local function colored(words, isatty, env)
      local all = { "flow", "x", "::1" }
      for _, word in ipairs(words) do
        all[#all + 1] = word
      end
      local _, out = run(all, library(samples.ok()), {
        isatty = function(number) return isatty and number == 1 end,
        getenv = function(name) return env[name] end,
      })
      return out:find("\27", 1, true) ~= nil
    end
    assert.is_true(colored({}, true, {}))
    assert.is_false(colored({}, false, {}))
    assert.is_false(colored({}, true, { NO_COLOR = "1" }))
    assert.is_true(colored({}, true, { NO_COLOR = "" }))
    assert.is_false(colored({}, true, { TERM = "dumb" }))
    assert.is_true(colored({ "--color", "always" }, false, { NO_COLOR = "1" }))
    assert.is_false(colored({ "--color", "never" }, true, {}))
  end)

  it("stays in ASCII on a terminal that knows nothing else", function()
    local function ascii(isatty, env)
      local _, out = run({ "flow", "x", "::1" }, library(samples.ok()), {
        isatty = function() return isatty end, getenv = function(name) return env[name] end,
      })
      return out:find("[\128-\255]") == nil
    end
    assert.is_true(ascii(true, { LANG = "C" }))
    assert.is_true(ascii(true, {}))
    assert.is_true(ascii(true, { LC_ALL = "C", LANG = "en_US.UTF-8" }))
    assert.is_false(ascii(true, { LANG = "de_DE.utf8" }))
    assert.is_false(ascii(false, { LANG = "C" }))
  end)

  it("draws a bar on a terminal when the work is long, and takes it away", function()
    local seconds = 0
    local function more_time()
      seconds = seconds + 0.6
      return "more"
    end
    local steps = { more_time, more_time, more_time }
    local function errors(words, isatty)
      seconds = 0
      local _, _, err = run(words, library(samples.ok(), steps), {
        isatty = function(number) return isatty and number == 2 end, clock = function() return seconds end,
      })
      return err
    end
    local err = errors({ "flow", "x", "::1" }, true)
    assert.equal("\r 50 % [###############               ] 2.00 kB of 4.00 kB\27[K"
      .. "\r 75 % [######################        ] 3.00 kB of 4.00 kB\27[K\r\27[K", err)
    assert.equal("", errors({ "flow", "x", "::1" }, false))
    assert.equal("", errors({ "flow", "x", "::1", "--no-progress" }, true))
  end)

  it("says on standard error how it has read, where that is asked for", function()
    local lib = library(samples.ok(), { "more" })
    local open = lib.open
    function lib.open(...)
      local session = open(...)
      function session.choices()
        return "reading: one way\npages: small\n"
      end
      return session
    end
    local status, out, err = run({ "flow", "--verbose", "x", "::1" }, lib)
    assert.equal(0, status)
    assert.equal("mcpcap: reading: one way\nmcpcap: pages: small\n", err)
    local _, quiet_out, quiet = run({ "flow", "x", "::1" }, lib)
    assert.equal("", quiet)
    assert.equal(quiet_out, out)
  end)

  it("asks a session for what was chosen, of one server and of all", function()
    local mcpcap, capture = require "mcpcap", root .. "spec/fixtures/keep-alive.pcap"
    local _, _, err = run({ "flow", "--verbose", capture, "192.0.2.80" }, mcpcap)
    assert.matches("mcpcap: reading: ", err, 1, true)
    assert.matches("mcpcap: pages: small ones, as open connections take no more than 12 MiB", err, 1, true)
    _, _, err = run({ "flow", "--verbose", capture }, mcpcap)
    assert.matches("mcpcap: reading: ", err, 1, true)
    assert.is_nil(err:find("pages: ", 1, true))
  end)

  it("makes names of the world safe in messages", function()
    local lib = { open = function() return nil, "a\27[2J\n: not found", "not_found" end }
    local _, _, err = run({ "flow", "a\27[2J\n", "::1" }, lib)
    assert.equal("mcpcap: a\\x1B[2J\\n: not found\n", err)
    _, _, err = run({ "flow", "--\27[2J", "::1" }, lib)
    assert.is_nil(err:find("\27", 1, true))
  end)
end)

describe("the command line", function()
  it("parts captures, server and port from the right", function()
    local job = parsed("flow", "1.pcap", "10.0.0.1", "10.0.0.2", "80").flow
    assert.same({ "1.pcap", "10.0.0.1" }, job.captures)
    assert.equal("10.0.0.2", job.server)
    assert.equal(80, job.port)
    job = parsed("flow", "443", "::1").flow
    assert.same({ "443" }, job.captures)
    assert.is_nil(job.port)
  end)

  it("takes options anywhere", function()
    local job = parsed("flow", "a", "--format", "json", "10.0.0.2", "--color=never", "80").flow
    assert.same({ "a" }, job.captures)
    assert.equal(80, job.port)
    assert.equal("json", job.format)
  end)

  it("is about all servers where none is named", function()
    local job = parsed("flow", "a.pcap", "b.pcap", "--servers", "50").flow
    assert.same({ "a.pcap", "b.pcap" }, job.captures)
    assert.is_nil(job.server)
    assert.equal(50, job.options.servers)
    assert.same({ "-" }, parsed("flow", "-").flow.captures)
  end)

  it("reads which connection is meant", function()
    local job = parsed("connection", "a", "10.0.0.2", "80", "--frame", "107", "--frames", "100-120").connection
    assert.same({ "a", "10.0.0.2", 80, 107 }, { job.captures[1], job.server, job.port, job.options.frame })
    assert.same({ 100, 120 }, job.options.frames)
    job = parsed("connection", "-", "10.0.0.2", "80", "--client", "10.0.0.1:4").connection
    assert.equal("10.0.0.1:4", job.options.client)
  end)

  it("ends with 2, the usage and a reason for each wrong command", function()
    local wrong = {
      {}, { "bogus" }, { "flow" }, { "flow", "10.0.0.2" }, { "flow", "10.0.0.2", "80" },
      { "flow", "a", "10.0.0.2", "0" }, { "flow", "a", "10.0.0.2", "65536" }, { "flow", "a", "10.0.0.2", "80.5" },
      { "flow", "a", "example.com", "80" }, { "flow", "a", "10.0.0.256" }, { "flow", "a", "10.0.0.2:80" },
      { "flow", "a", "[::1]", "80" }, { "flow", "", "::1" }, { "flow", "-", "-", "::1" },
      { "connection", "a", "::1", "80" }, { "connection", "a", "--number", "1" },
      { "connection", "a", "::1", "80", "--number", "1", "--frame", "2" },
      { "connection", "-", "::1", "80", "--number", "1" },
      { "connection", "a", "::1", "--client", "::2:5" },
      { "connection", "a", "::1", "80", "--number", "1", "--frames", "9-2" },
      { "flow", "a", "::1", "--servers", "5" }, { "flow", "a", "--servers", "0" },
      { "flow", "a", "::1", "--format", "pdf" }, { "flow", "a", "::1", "--bogus" }, { "flow", "a", "::1", "--filter" },
      { "flow", "a", "::1", "--max-packets", "0" }, { "flow", "a", "::1", "--max-packets", "1.5" },
      { "flow", "a", "::1", "--max-bytes", "-1" }, { "flow", "a", "::1", "--max-bytes", "1e3" },
      { "flow", "a", "::1", "--timeout-ms", "0" }, { "flow", "a", "::1", "--buckets", "1001" },
      { "flow", "a", "::1", "--start-time", "yesterday" }, { "flow", "a", "::1", "--start-time", "2026-02-29" },
      { "flow", "a", "::1", "--start-time", "2026-01-01T24:00" }, { "flow", "a", "::1", "--color", "red" },
    }
    for _, words in ipairs(wrong) do
      local lib = library(samples.ok())
      local status, out, err = run(words, lib)
      local said = table.concat(words, " ")
      assert.equal(2, status, said)
      assert.equal("", out, said)
      assert.matches("^Usage: mcpcap", err, 1, false)
      assert.matches("\nmcpcap: [^\n]+\n$", err)
      assert.equal(0, #lib.opened)
    end
  end)

  it("names what is missing as the usage does", function()
    for command, name in pairs { flow = "CAPTURE", map = "CAPTURE", report = "PART", reduce = "PART" } do
      local status, _, err = run({ command }, library(samples.ok()))
      assert.equal(2, status, command)
      assert.truthy(err:find("missing argument '" .. name .. "'", 1, true), err)
    end
  end)

  it("knows addresses", function()
    for _, word in ipairs { "0.0.0.0", "255.255.255.255", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
      "::2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "2001:DB8::1" } do
      assert.is_true(cli_options.is_address(word), word)
    end
    for _, word in ipairs { "", ".", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", ":", ":::", "1:", "1:2",
      "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:1", "g::", "12345::",
      "fe80::1%eth0", "1:2:3:4:5:6:7:1.2.3.4" } do
      assert.is_false(cli_options.is_address(word), word)
    end
  end)

  it("reads times as UTC", function()
    local function start(word)
      return parsed("flow", "a", "::1", "--start-time", word).flow.options.start_time
    end
    assert.equal(0, start("1970-01-01"))
    assert.equal(0, start("0"))
    assert.equal(951782400, start("2000-02-29T00:00:00Z"))
    assert.equal(1772359200, start("2026-03-01T10:00"))
    assert.equal(1772359200.25, start("2026-03-01 10:00:00.25"))
    assert.equal(4107542400, start("2100-03-01"))
    assert.equal(1772359200.5, start("1772359200.5"))
  end)

  it("helps on standard output", function()
    for _, words in ipairs { { "--help" }, { "-h" }, { "flow", "--help" }, { "flow", "a", "-h" } } do
      local status, out, err = run(words, library(samples.ok()))
      assert.equal(0, status)
      assert.matches("^Usage: mcpcap", out)
      assert.equal("", err)
    end
    local _, out = run({ "flow", "--help" })
    for line in out:gmatch("[^\n]+") do
      assert.is_true(#line <= 90, line)
    end
  end)

  it("has each of its options in the manual page, and no others", function()
    local file = assert(io.open(root .. "docs/mcpcap.1", "rb"))
    local page = file:read("*a"):gsub("\\%-", "-")
    file:close()
    local sections = {
      flow = page:match("%.SH OPTIONS OF FLOW(.-)%.SH"), compare = page:match("%.SH OPTIONS OF COMPARE(.-)%.SH"),
      serve = page:match("%.SH OPTIONS OF SERVE(.-)%.SH"), install = page:match("%.SH OPTIONS OF INSTALL(.-)%.SH"),
      connection = page:match("%.SH OPTIONS OF CONNECTION(.-)%.SH"),
      watch = page:match("%.SH OPTIONS OF WATCH(.-)%.SH"), points = page:match("%.SH OPTIONS OF POINTS(.-)%.SH"),
      map = page:match("%.SH OPTIONS OF MAP(.-)%.SH"), reduce = page:match("%.SH OPTIONS OF REDUCE(.-)%.SH"),
      report = page:match("%.SH OPTIONS OF REPORT(.-)%.SH"),
    }
    for _, command in ipairs {
      "flow", "connection", "compare", "watch", "points", "map", "reduce", "report", "serve", "install",
    } do
      local section = sections[command]
      local help = child.shell("sh " .. child.quote(root .. "bin/mcpcap") .. " " .. command .. " --help")
      local options, described = help:match("\n%a*[Oo]ptions:(.-)\n\n"), {}
      for name in section:gmatch("%f[-]%-%-[%a-]+") do
        described[name] = true
      end
      for name in options:gmatch("%f[-]%-%-[%a-]+") do
        assert.is_true(described[name] or name == "--help", command .. " " .. name)
      end
      for name in pairs(described) do
        assert.truthy(options:find(name, 1, true), command .. " " .. name)
      end
    end
  end)

  -- What each block of README.md shows is how the output begins; a line "..." stands for some that are left out, and
  -- "..." at the end of one for its rest.
  it("prints what README.md shows", function()
    local file = assert(io.open(root .. "README.md", "rb"))
    local page = file:read("*a")
    file:close()
    local blocks = 0
    for command, shown in page:gmatch("\n%$ mcpcap ([^\n]+)\n(.-)```") do
      local words = {}
      for word in command:gmatch("%S+") do
        words[#words + 1] = word:gsub("^spec/", root .. "spec/")
      end
      local status, out = run(words, (require "mcpcap"))
      assert.equal(0, status)
      local line_of = out:gsub(root:gsub("%p", "%%%0"), ""):gmatch("([^\n]*)\n")
      local skips = false
      for line in shown:gmatch("([^\n]*)\n") do
        if line == "..." then
          skips = true
        else
          local cut = line:match("^(.-)%.%.%.$")
          local got
          repeat
            got = line_of()
          until not skips or got == line or got == nil
          assert.equal(cut or line, cut and got and got:sub(1, #cut) or got, command)
          skips = false
        end
      end
      blocks = blocks + 1
    end
    local _, prompts = page:gsub("\n%$ ", "")
    assert.is_true(blocks == prompts and blocks >= 4, blocks .. " of " .. prompts)
  end)

  it("tells its version", function()
    local status, out = run({ "--version" }, library(samples.ok()))
    assert.equal(0, status)
    assert.matches("^mcpcap 0%.2%.0, Lua", out)
  end)
end)

describe("mcpcap serve", function()
  local loaded = package.loaded["mcpcap.mcp.server"]

  before_each(function()
    package.loaded["mcpcap.mcp.server"] = nil
  end)

  after_each(function()
    package.loaded["mcpcap.mcp.server"] = loaded
    package.preload["mcpcap.mcp.server"] = nil
  end)

  it("hands its words and streams to the server", function()
    local got
    package.loaded["mcpcap.mcp.server"] = { main = function(...) got = { ... } return 5 end }
    local out, err = stream(), stream()
    local status = cli.main({ [0] = "mcpcap", "serve", "--root", "/x" }, out, err, { input = "the input" })
    assert.equal(5, status)
    assert.same({ [0] = "mcpcap", "--root", "/x" }, got[1])
    assert.equal("the input", got[2].input)
    assert.equal(out, got[2].out)
    assert.equal(err, got[2].err)
  end)

  it("says that the server is not installed", function()
    local path, cpath = package.path, package.cpath
    package.path, package.cpath = "", ""
    local status, _, err = run({ "serve" })
    package.path, package.cpath = path, cpath
    assert.equal(1, status)
    assert.equal("mcpcap: serve: the module mcpcap.mcp.server is not installed\n", err)
  end)

  it("says that the server is broken", function()
    package.preload["mcpcap.mcp.server"] = function() error("bad module") end
    local status, _, err = run({ "serve" })
    assert.equal(1, status)
    assert.matches("^mcpcap: serve: .*bad module", err)
  end)
end)

describe("the launcher", function()
  it("finds its modules from any folder", function()
    local pipe = assert(io.popen('root=$PWD; cd / && "$root/bin/mcpcap" --help && echo ended well'))
    local text = pipe:read("*a")
    pipe:close()
    assert.matches("^Usage: mcpcap", text)
    assert.matches("ended well\n$", text)
  end)

  it("works through a symbolic link and gives the exit status on", function()
    local link = os.tmpname()
    local pipe = assert(io.popen(('ln -sf "$PWD/bin/mcpcap" %s; %s flow 2>&1; echo "status $?"'):format(link, link)))
    local text = pipe:read("*a")
    pipe:close()
    os.remove(link)
    assert.matches("status 2\n$", text)
  end)
end)
