local cli = require "mcpcap.cli"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")
local fixture = here .. "../../fixtures/keep-alive.pcap"

local function bytes(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- The command's exit status and what it says on standard error.
local function run(...)
  local said = {}
  local out = { write = function(self) return self end, flush = function(self) return self end }
  local err = { write = function(self, ...) said[#said + 1] = table.concat({ ... }) return self end, flush = out.flush }
  return cli.main({ ... }, out, err, { isatty = function() return false end }), table.concat(said)
end

describe("what a command writes", function()
  local folder, a, b, before

  before_each(function()
    folder = child.shell("mktemp -d"):match("%S+")
    a, b = folder .. "/a.pcap", folder .. "/b.pcap"
    child.shell(("cp %s %s && cp %s %s"):format(fixture, a, fixture, b))
    child.shell(("cd %s && ln -s a.pcap link && ln a.pcap hard"):format(folder))
    before = bytes(fixture)
  end)

  after_each(function()
    child.shell("rm -r " .. folder)
  end)

  local function refuses(...)
    local status, err = run(...)
    assert.equal(2, status)
    assert.matches("would overwrite", err, 1, true)
    assert.equal(before, bytes(a))
    assert.equal(before, bytes(b))
  end

  it("is never a capture that is read, by whatever name", function()
    for _, name in ipairs { "/link", "/hard", "/./a.pcap", "//a.pcap" } do
      refuses("flow", a, "192.0.2.80", "80", "--output", folder .. name)
      refuses("flow", b, a, "192.0.2.80", "80", "--save-state", folder .. name)
      refuses("flow", a, "--output", folder .. name)
      refuses("map", a, "192.0.2.80", "80", "--output", folder .. name)
      refuses("connection", a, "192.0.2.80", "80", "--number", "1", "--output", folder .. name)
      refuses("compare", a, b, "192.0.2.80", "80", "--output", folder .. name)
    end
  end)

  it("is no file of a series whose points are compared", function()
    refuses("compare", a .. "," .. b, fixture, "192.0.2.80", "80", "--output", b)
    refuses("compare", b .. "," .. folder .. "/link", fixture, "192.0.2.80", "80", "--output", a)
  end)

  it("may be any other file, also one that is there", function()
    local name = folder .. "/report"
    for _ = 1, 2 do
      assert.equal(0, (run("flow", a, "192.0.2.80", "80", "--output", name)))
      assert.equal(0, (run("compare", a .. "," .. b, fixture, "192.0.2.80", "80", "--output", name)))
    end
    assert.equal(before, bytes(a))
  end)

  -- A shell's blocks have 512 bytes, or 1,024: a report has more, and so has a state.
  it("is whole or not there where no file may become so long", function()
    child.shell(("cd %s && ln -s behind report-link"):format(folder))
    local function too_long(...)
      local said, status = child.run_in("ulimit -f 1;",
        'os.exit(require("mcpcap.cli").main({ ... }, io.stdout, io.stderr, {}))', "flow", fixture, "192.0.2.80",
        "80", ...)
      assert.matches("File too large", said, 1, true)
      assert.equal(1, status)
    end
    too_long("--format", "json", "--output", folder .. "/report")
    too_long("--format", "json", "--output", folder .. "/report-link")
    too_long("--save-state", folder .. "/state")
    assert.equal("a.pcap b.pcap behind hard link report-link ", (child.shell("ls " .. folder):gsub("\n", " ")))
    assert.equal("", bytes(folder .. "/behind"))
  end)

  it("is said to be lost where the disk is full", function()
    local status, err = run("flow", a, "192.0.2.80", "80", "--output", "/dev/full")
    assert.equal(1, status)
    assert.matches("^mcpcap: /dev/full: ", err)
    assert.equal(0, select(2, child.shell("test -c /dev/full")))
    status, err = run("flow", a, "192.0.2.80", "80", "--output", folder .. "/none/report")
    assert.equal(1, status)
    assert.matches("none/report: No such file or directory", err, 1, true)
  end)

  it("is no state that is gone on from, but for the state behind it", function()
    local state = folder .. "/state"
    assert.equal(0, (run("flow", a, "192.0.2.80", "80", "--save-state", state, "--output", folder .. "/report")))
    local saved = bytes(state)
    child.shell(("ln -s state %s/state2"):format(folder))
    local status, err = run("report", state, "--output", folder .. "/state2")
    assert.equal(2, status)
    assert.matches("would overwrite", err, 1, true)
    assert.equal(saved, bytes(state))
    assert.equal(0, (run("flow", "--from-state", folder .. "/state2", b, "--save-state", state, "--output",
      folder .. "/report")))
    assert.not_equal(saved, bytes(state))
  end)
end)
