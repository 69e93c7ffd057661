-- The examples are programs that run: each is run here, as a user would.

local lfs = require "lfs"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "child.lua")
local root = here .. "../../"
local capture = here .. "../fixtures/web-session.pcapng"
local server, port = "192.0.2.80", "80"
local quote = child.quote

-- Runs a Lua program with the paths of this one.
local function run(program, ...)
  local words = {}
  for i, word in ipairs { ... } do
    words[i] = ("%q"):format(word)
  end
  return child.run(("arg = { [0] = %q, %s } dofile(arg[0])"):format(root .. program, table.concat(words, ", ")))
end

describe("the example", function()
  it("analyze.lua says what is wrong", function()
    local output, status = run("examples/analyze.lua", capture, server, port)
    assert.equal(0, status, output)
    assert.matches("^192%.0%.2%.80:80: ", output)
    assert.matches("error, network: ", output, 1, true)
  end)

  it("analyze.lua ends with 1 and a reason when there is nothing to read", function()
    local output, status = run("examples/analyze.lua", "/nonexistent.pcap", server, port)
    assert.equal(1, status)
    assert.equal("/nonexistent.pcap: No such file or directory (not_found)\n", output)
  end)

  it("slices.lua reports after some turns", function()
    local output, status = run("examples/slices.lua", capture, server, port)
    assert.equal(0, status, output)
    assert.matches("FINDINGS", output, 1, true)
    output, status = run("examples/slices.lua", "/nonexistent.pcap", server, port)
    assert.equal(1, status)
    assert.matches("No such file", output, 1, true)
  end)

  it("pipe.lua reads what another program writes", function()
    local output, status = run("examples/pipe.lua", server, port, "exec cat " .. quote(capture))
    assert.equal(0, status, output)
    assert.matches("FINDINGS", output, 1, true)
  end)

  it("busted/capture_spec.lua passes", function()
    local output, status = child.run(([[
      arg = { [0] = "busted", "--output=TAP", %q }
      require "busted.runner"({ standalone = false })
    ]]):format(root .. "examples/busted"))
    assert.equal(0, status, output)
    assert.matches("ok 2", output, 1, true)
  end)
end)

describe("the C library", function()
  -- From a build folder beside the module under test, installed somewhere else.
  local build = package.cpath:match("([^;]-)/lib[%d.-]*/%?%.so")
  local built = build and lfs.attributes(build .. "/libmcpcap.so") ~= nil
  local prefix

  setup(function()
    if built then
      prefix = os.tmpname()
      os.remove(prefix)
      local output, status = child.shell(("cmake --install %s --prefix %s"):format(quote(build), quote(prefix)))
      assert.equal(0, status, output)
    end
  end)

  teardown(function()
    if prefix then
      child.shell("rm -rf " .. quote(prefix))
    end
  end)

  local function works(program)
    local output, status = child.shell(("LD_LIBRARY_PATH=%s %s %s %s %s"):format(quote(prefix .. "/lib"), program,
      quote(capture), server, port))
    assert.equal(0, status, output)
    assert.matches("resets: client %d+, server %d+", output)
    assert.matches("^%d+ connections, 818 segments", output)
  end

  it("is found by pkg-config", function()
    if not built then
      return pending("this build has no C library")
    end
    local pc = ("PKG_CONFIG_PATH=%s pkg-config --define-variable=prefix=%s"):format(
      quote(prefix .. "/lib/pkgconfig"), quote(prefix))
    local output, status = child.shell(("cc -Wall -Werror %s $(%s --cflags --libs mcpcap) -o %s"):format(
      quote(root .. "examples/c/resets.c"), pc, quote(prefix .. "/resets")))
    assert.equal(0, status, output)
    works(quote(prefix .. "/resets"))
    assert.equal("0.2.0\n", (child.shell(pc .. " --modversion mcpcap")))
  end)

  it("is found by CMake, shared and static", function()
    if not built then
      return pending("this build has no C library")
    end
    local there = quote(prefix .. "/c")
    local output, status = child.shell(("cmake -S %s -B %s -DCMAKE_PREFIX_PATH=%s && cmake --build %s"):format(
      quote(root .. "examples/c"), there, quote(prefix), there))
    assert.equal(0, status, output)
    works(quote(prefix .. "/c/resets"))
    works(quote(prefix .. "/c/resets_static"))
  end)
end)
