-- The binding: files and handles that are not what was hoped for.  Each failure of
-- the world is nil, a message that names the object, and a code; nothing stays open.

local lfs = require "lfs"
local mcpcap = require "mcpcap"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local child = dofile(here .. "../child.lua")
local capture = here .. "../../fixtures/web-session.pcapng"
local server, port = "192.0.2.80", 80

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local whole = read(capture)

-- What others have left to the collector must not go away between two counts.
local function descriptors()
  collectgarbage()
  collectgarbage()
  local n = 0
  for _ in lfs.dir("/proc/self/fd") do
    n = n + 1
  end
  return n
end

local folder

local function path_of(name)
  return folder .. "/" .. name
end

local function write(name, text)
  local file = assert(io.open(path_of(name), "wb"))
  assert(file:write(text))
  file:close()
  return path_of(name)
end

local function do_shell(command)
  local output, status = child.shell(command)
  assert.equal(0, status, output)
end

setup(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(lfs.mkdir(folder))
end)

teardown(function()
  child.shell("rm -rf " .. child.quote(folder))
end)

-- The call fails with this code and a message that has these words, at once, and
-- leaves nothing open.
local function fails(code, words, path, options)
  local before = descriptors()
  local result, message, got = mcpcap.analyze_traffic_flow(path, server, port, options)
  assert.is_nil(result)
  assert.equal(code, got)
  for _, word in ipairs(words) do
    assert.matches(word, message, 1, true)
  end
  assert.is_nil(message:find("[%c\127]"))
  assert.equal(before, descriptors())
end

describe("a path that leads to no capture", function()
  it("is not there", function()
    fails("not_found", { path_of("none.pcap"), "No such file or directory" }, path_of("none.pcap"))
    fails("not_found", { "none.pcap" }, path_of("none/none.pcap"))
    fails("not_found", { "none.pcap" }, { capture, path_of("none.pcap") })
  end)

  it("goes through a file, or round in a circle", function()
    local file = write("file", "x")
    local _, _, code = mcpcap.analyze_traffic_flow(file .. "/x.pcap", server, port)
    assert.is_string(code)
    do_shell("ln -s b " .. child.quote(path_of("a")) .. " && ln -s a " .. child.quote(path_of("b")))
    local result, message, why = mcpcap.analyze_traffic_flow(path_of("a"), server, port)
    assert.is_nil(result)
    assert.is_string(why)
    assert.matches(path_of("a"), message, 1, true)
  end)

  it("is too long", function()
    local result, message, code = mcpcap.analyze_traffic_flow(("x"):rep(100000), server, port)
    assert.is_nil(result)
    assert.is_string(code)
    assert.is_true(#message < 1000)
  end)

  it("is a folder", function()
    fails("not_file", { folder, "folder" }, folder)
    fails("not_file", { "folder" }, "/")
    fails("not_file", { "folder" }, ".")
  end)

  it("is a FIFO, with nobody or somebody at the other end", function()
    local fifo = path_of("fifo")
    do_shell("mkfifo " .. child.quote(fifo))
    fails("not_file", { fifo }, fifo)
    do_shell(("(timeout 20 sh -c 'exec cat %s >%s' >/dev/null 2>&1 &)"):format(child.quote(capture):gsub("'", "\""),
      fifo))
    fails("not_file", { fifo }, fifo)
    child.shell("timeout 1 cat " .. child.quote(fifo) .. " >/dev/null")
  end)

  it("is a device", function()
    for _, path in ipairs { "/dev/null", "/dev/zero", "/dev/full" } do
      fails("not_file", { path }, path)
    end
  end)

  it("is an open descriptor of a process", function()
    for _, path in ipairs { "-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0" } do
      fails("not_file", { path }, path)
    end
  end)

  it("is a socket", function()
    local socket = path_of("socket")
    local _, status = child.shell("python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "
      .. child.quote(socket))
    if status ~= 0 then
      return pending("python3 is needed to make a socket")
    end
    fails("not_file", { socket }, socket)
  end)

  it("may not be read", function()
    if child.shell("id -u") == "0\n" then
      return pending("root may read every file")
    end
    local path = write("secret.pcap", whole)
    do_shell("chmod 000 " .. child.quote(path))
    fails("denied", { path, "Permission denied" }, path)
  end)

  it("has control bytes, which the message shows instead of sending", function()
    local result, message = mcpcap.analyze_traffic_flow(path_of("a\27[31m\n\r\tb\127\155"), server, port)
    assert.is_nil(result)
    assert.is_nil(message:find("[%c\127]"))
  end)
end)

describe("a file that is no capture", function()
  local texts = {
    empty = "", ["one byte"] = "\212", ["three bytes"] = "\212\195\178", text = "hello, world\n",
    html = "<!DOCTYPE html><title>404</title>", json = "{\"a\":1}", zeros = ("\0"):rep(4096), elf = "\127ELF\2\1\1" ..
      ("\0"):rep(100), ["pcap of a future version"] = "\212\195\178\161\9\0\9\0" .. ("\0"):rep(16),
    ["half a pcap header"] = "\212\195\178\161\2\0\4\0\0\0\0\0", ["half a pcapng header"] = whole:sub(1, 20),
    ["gzip of nothing"] = "\31\139\8\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0",
    ["half a gzip header"] = "\31\139\8\0\0",
  }
  for name, text in pairs(texts) do
    it("holds " .. name, function()
      local path = write("no.pcap", text)
      local before = descriptors()
      local result, message, code = mcpcap.analyze_traffic_flow(path, server, port)
      assert.is_nil(result)
      assert.matches(path, message, 1, true)
      assert.is_true(code == "format" or code == "truncated" or code == "io", code)
      assert.equal(before, descriptors())
    end)
  end
end)

describe("a capture that is cut", function()
  it("gives what was read, the reason, and the code truncated", function()
    for _, length in ipairs { #whole - 1, #whole - 5, math.floor(#whole / 2) + 1 } do
      local path = write("cut.pcapng", whole:sub(1, length))
      local result, message, code = mcpcap.analyze_traffic_flow(path, server, port)
      assert.is_table(result)
      assert.equal("truncated", code)
      assert.equal(result.capture.truncated.reason, message)
      assert.is_true(result.total_packets > 0)
      assert.is_number(result.capture.truncated.offset)
    end
  end)

  it("is whole when nothing is missing", function()
    local result, message, code = mcpcap.analyze_traffic_flow(write("whole.pcapng", whole), server, port)
    assert.is_table(result)
    assert.is_nil(message)
    assert.is_nil(code)
    assert.is_nil(result.capture.truncated)
  end)
end)

describe("a limit that ends the work", function()
  it("gives what was read, the reason, and the code limit", function()
    local result, message, code = mcpcap.analyze_traffic_flow(capture, server, port, { max_packets = 10 })
    assert.equal(10, result.total_packets)
    assert.equal("limit", code)
    assert.equal("limit", result.capture.stopped.reason)
    assert.equal(result.capture.stopped.message, message)
  end)
end)

describe("a file handle", function()
  local expected = assert(mcpcap.analyze_traffic_flow(capture, server, port))

  local function same_packets(handle)
    local result = assert(mcpcap.analyze_traffic_flow(handle, server, port))
    assert.equal(expected.total_packets, result.total_packets)
    assert.same(expected.client_to_server, result.client_to_server)
  end

  it("is read to its end and stays open", function()
    local file = assert(io.open(capture, "rb"))
    same_packets(file)
    assert.equal("file", io.type(file))
    assert.is_true(file:seek("set", 0) == 0)
    same_packets(file)
    file:close()
  end)

  it("may be a pipe", function()
    local pipe = assert(io.popen("exec cat " .. child.quote(capture), "r"))
    same_packets(pipe)
    pipe:close()
  end)

  it("may be a pipe in which nothing comes at first", function()
    local pipe = assert(io.popen("sleep 0.3; exec cat " .. child.quote(capture), "r"))
    local result = assert(mcpcap.analyze_traffic_flow(pipe, server, port))
    pipe:close()
    assert.same(expected.capture.link_types, result.capture.link_types)
    assert.same(expected.client_to_server, result.client_to_server)
  end)

  it("may come in pieces, with paths between", function()
    local file = assert(io.open(capture, "rb"))
    local result = assert(mcpcap.analyze_traffic_flow({ file, capture }, server, port))
    assert.equal(2 * expected.total_packets, result.total_packets)
    file:close()
  end)

  it("that is at its end is no capture", function()
    local file = assert(io.open(capture, "rb"))
    file:seek("end")
    local result, message, code = mcpcap.analyze_traffic_flow(file, server, port)
    assert.is_nil(result)
    assert.is_string(message)
    assert.is_string(code)
    file:close()
  end)

  it("that can only be written, or reads a folder, is the world's failure", function()
    local file = assert(io.open(path_of("out"), "wb"))
    local result, message, code = mcpcap.analyze_traffic_flow(file, server, port)
    assert.is_nil(result)
    assert.is_string(message)
    assert.is_string(code)
    file:close()
    local dir = io.open(folder, "rb")
    if dir then
      assert.is_nil((mcpcap.analyze_traffic_flow(dir, server, port)))
      dir:close()
    end
  end)

  it("that is closed under a session is a misuse, not a crash", function()
    local file = assert(io.open(capture, "rb"))
    local session = assert(mcpcap.open(file, server, port))
    assert.equal("more", session:step(1))
    file:close()
    local ok, message = pcall(session.step, session, 1)
    assert.is_false(ok)
    assert.matches("the file handle that the session reads was closed", message, 1, true)
    assert.is_table(session:result())
    session:close()
  end)

  it("that is closed under a comparison is one, too, wherever it stands", function()
    for _, place in ipairs { 1, 2 } do
      local files = { assert(io.open(capture, "rb")), assert(io.open(capture, "rb")) }
      local comparison = assert(mcpcap.open_comparison({ files[1], { files[2] } }, server, port))
      assert.equal("more", comparison:step(1))
      files[place]:close()
      local ok, message = pcall(comparison.step, comparison, 1)
      assert.is_false(ok)
      assert.matches("the file handle that the comparison reads was closed", message, 1, true)
      comparison:close()
    end
  end)

  it("lives as long as the session that reads it", function()
    local session = assert(mcpcap.open({ assert(io.open(capture, "rb")) }, server, port))
    collectgarbage()
    collectgarbage()
    while session:step(50) == "more" do
      collectgarbage()
    end
    assert.equal(expected.total_packets, session:result().total_packets)
    session:close()
  end)
end)
