-- What the kernel still lets a server do: tried in a process that has entered the sandbox.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")
local capture = here .. "../../fixtures/web-session.pcapng"

-- A process whose one root is a folder with a capture tries each thing; what came of it, by name.
local ATTEMPTS = [[
  local root, allowed, foreign = ...
  local found, uv = pcall(require, "luv")    -- here alone: loaded twice in one process, it crashes
  if not found then
    return print("none: luv is not installed")
  end
  local mcpcap = require "mcpcap"
  local sandbox = require "mcpcap.mcp.sandbox"
  local before = assert(io.open(foreign, "rb"))
  local held, why = sandbox.enter { roots = { assert(uv.fs_realpath(root)) }, url = { allowed = allowed == "true" } }
  if not held then
    return print("none: " .. why)
  end
  local function say(name, value) print(name .. "=" .. tostring(value ~= nil and value ~= false)) end
  -- A handle of libuv gets its socket when it is bound.
  local function bound(socket)
    return socket:bind("127.0.0.1", 0) and socket
  end
  say("capture", (mcpcap.analyze_traffic_flow(root .. "/web.pcapng", "192.0.2.80", 80)))
  say("list", (uv.fs_scandir(root)))
  say("what was open", before:read(1))
  say("foreign file", io.open(foreign, "rb"))
  say("above", uv.fs_scandir(root .. "/.."))
  say("passwd", io.open("/etc/passwd", "rb"))
  say("environment", io.open("/proc/self/environ", "rb"))
  say("write", io.open(root .. "/new-file", "wb"))
  say("append", io.open(root .. "/web.pcapng", "ab"))
  say("remove", os.remove(root .. "/web.pcapng"))
  say("rename", os.rename(root .. "/web.pcapng", root .. "/other"))
  say("folder", uv.fs_mkdir(root .. "/new-folder", 448))
  local program = io.popen("echo ran", "r")
  say("program", program and program:read("*a"):find("ran"))
  local tcp = bound(uv.new_tcp())
  say("socket", bound(uv.new_udp()))
  say("tcp listener", tcp and tcp:listen(1, print))
  say("hosts file", io.open("/etc/hosts", "rb"))
]]

local folder

local function tried(urls)
  local output, status = child.run(ATTEMPTS, folder .. "/root", tostring(urls), folder .. "/foreign")
  assert.equal(0, status, output)
  if output:find("^none: ") then
    return nil, output
  end
  local out = {}
  for name, value in output:gmatch("([%a ]+)=(%a+)\n") do
    out[name] = value == "true"
  end
  return out
end

describe("the sandbox of mcpcap serve", function()
  setup(function()
    folder = child.shell("mktemp -d"):match("%S+")
    assert.equal("", (child.shell(("mkdir %s/root && cp %s %s/root/web.pcapng && echo x >%s/foreign"):format(
      folder, child.quote(capture), folder, folder))))
  end)

  teardown(function()
    child.shell("rm -r " .. folder)
  end)

  -- What holds with and without URLs; what a case adds comes on top.
  local function assert_held(urls, more)
    if child.is_sanitized then
      return pending("a sanitizer reads /proc when the process ends")
    end
    local out, why = tried(urls)
    if not out then
      return pending(why)
    end
    local expected = {
      capture = true, list = true, ["what was open"] = true, ["foreign file"] = false, above = false, passwd = false,
      environment = false, write = false, append = false, remove = false, rename = false, folder = false,
      program = false, ["tcp listener"] = false,
    }
    for name, value in pairs(more) do
      expected[name] = value
    end
    assert.same(expected, out)
  end

  it("reads its roots and nothing else, writes nothing, runs nothing, makes no socket", function()
    assert_held(false, { socket = false, ["hosts file"] = false })
  end)

  it("lets downloads be made where URLs are allowed, and nobody in", function()
    assert_held(true, { socket = true, ["hosts file"] = true })
  end)
end)
