--- What the specs of the host programs share: finding programs and builds,
-- starting processes, free ports, captures that fit an address.
--
-- Everything that is started ends by itself (`timeout`), so that a spec that
-- breaks leaves nothing behind.
-- @module spec.hosts.support

local support = {}

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"

--- The folder of the project, absolute.
support.root = (function()
  local pipe = assert(io.popen("cd '" .. here .. "../..' && pwd -P"))
  local path = pipe:read("*l")
  pipe:close()
  return path
end)()

--- A word for the shell.
function support.quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

local quote = support.quote

--- What a shell command prints, both outputs, and whether it ended with 0.
-- The sanitizers' preloads are for the Lua that runs the specs, not for others.
-- @tparam string command
-- @tparam[opt=60] integer seconds it may take
-- @treturn string output
-- @treturn integer exit status; 124 when it was too slow
function support.run(command, seconds)
  local line = ("env -u LD_PRELOAD timeout -k 5 %d sh -c %s 2>&1 </dev/null; echo \"status:$?\""):format(
    seconds or 60, quote(command))
  local pipe = assert(io.popen(line))
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.*)status:(%d+)\n$")
  return text, tonumber(status)
end

local found = {}

--- Whether a program is installed.
function support.has(program)
  if found[program] == nil then
    local _, status = support.run("command -v " .. program .. " >/dev/null", 10)
    found[program] = status == 0
  end
  return found[program]
end

--- The version of the Lua that a program has built in, as its `--version` tells.
-- @tparam string program
-- @treturn ?string "5.2", "5.3", "5.4"; nothing when it has none or is not installed
function support.lua_in(program)
  if not support.has(program) then
    return nil
  end
  return support.run(program .. " --version 2>/dev/null", 30):match("[Ll]ua[%s-]+(5%.%d)")
end

local builds = {}

--- The folder with `mcpcap/core.so` for a Lua, or nil: next to the build that
-- these specs run with, or below the project's own build folders.
-- @tparam string version "5.1" (LuaJIT too), "5.2", "5.3", "5.4"
function support.build(version)
  if builds[version] == nil then
    builds[version] = false
    local patterns = {}
    for template in package.cpath:gmatch("[^;]+") do
      local lib = template:match("^(.*/lib[%d.-]*)/%?%.so$")
      if lib then
        patterns[#patterns + 1] = quote(lib .. "/..") .. "/lib*"
        patterns[#patterns + 1] = quote(lib .. "/..") .. "/../*/lib"
      end
    end
    patterns[#patterns + 1] = quote(support.root) .. "/build*/lib*"
    patterns[#patterns + 1] = quote(support.root) .. "/build*/*/lib*"
    local loads = "os.exit(package.loadlib(os.getenv(\"CORE\"), \"luaopen_mcpcap_core\") and 0 or 1)"
    local try = ("for d in %s; do test -f \"$d/mcpcap/core.so\" || continue; CORE=\"$d/mcpcap/core.so\" lua%s -e %s "
      .. "2>/dev/null && cd \"$d\" && pwd -P && break; done"):format(table.concat(patterns, " "), version, quote(loads))
    local output = support.run(try, 30)
    builds[version] = output:match("^(/[^\n]*)\n") or false
  end
  return builds[version] or nil
end

--- The variables that let a Lua find the module, as a prefix of a command.
-- @tparam string version
-- @tparam[opt] string copy a folder with copies of `lua` and of the build's `mcpcap`
function support.environment(version, copy)
  local name = version:gsub("%.", "_")
  local path = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(copy or support.root, copy or support.root)
  local cpath = (copy or support.build(version)) .. "/?.so;;"
  if version == "5.1" then
    return ("LUA_PATH=%s LUA_CPATH=%s "):format(quote(path), quote(cpath))
  end
  return ("LUA_PATH_%s=%s LUA_CPATH_%s=%s "):format(name, quote(path), name, quote(cpath))
end

--- Why a spec cannot run here, or nil.
-- @tparam string version of Lua in the host
-- @tparam string ... programs
function support.missing(version, ...)
  for _, program in ipairs { ... } do
    if not support.has(program) then
      return program .. " is not installed"
    end
  end
  if version and not support.build(version) then
    return "no build of the module for Lua " .. version
  end
  return nil
end

--- Starts a program that prints a line when it is ready.
-- @tparam string command
-- @tparam[opt=120] integer seconds after which it is ended
-- @treturn table `line` (the first line, or nil), `stop()`
function support.start(command, seconds)
  local pidfile = os.tmpname()
  local line = ("exec 2>/dev/null; env -u LD_PRELOAD sh -c 'echo $$ >%s; exec timeout -k 5 %d sh -c \"$1\"' - %s "
    .. "</dev/null"):format(pidfile, seconds or 120, quote("exec " .. command))
  local pipe = assert(io.popen(line))
  local process = { line = pipe:read("*l") }
  function process.stop(signal)
    if not pipe then
      return
    end
    local file = io.open(pidfile)
    local pid = file and file:read("*n")
    if file then
      file:close()
    end
    if pid then
      os.execute(("kill -%s %d 2>/dev/null"):format(signal or "TERM", pid))
    end
    pipe:close()                             -- waits for its end
    pipe = nil
    os.remove(pidfile)
  end
  return process
end

--- A TCP port of 127.0.0.1 with a listener that accepts and closes.
-- @treturn table a process, with the field `port`
function support.listener()
  local process = support.start("python3 -u " .. quote(support.root .. "/spec/hosts/listen.py"))
  process.port = assert(tonumber(process.line), "no listener")
  return process
end

--- A port that is free now.
function support.free_port()
  local output = support.run("python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 0)); "
    .. "print(s.getsockname()[1])'", 20)
  return assert(tonumber(output), "no free port")
end

--- Waits until a function gives something, at most some seconds.
function support.wait(check, seconds)
  local pause = "sleep 0.1"
  for _ = 1, (seconds or 10) * 10 do
    local value = check()
    if value then
      return value
    end
    os.execute(pause)
  end
  return nil
end

function support.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function support.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
  return path
end

--- The counters of a bundled capture that are known from elsewhere.
-- @treturn table `client_to_server` and `server_to_client` of the question with the port
function support.expected(name)
  local json = require "mcpcap.json"
  return assert(json.decode(support.read(support.fixture(name) .. ".expected.json"))).with_port
end

--- The path of a bundled capture.
function support.fixture(name)
  return support.root .. "/spec/fixtures/" .. name
end

local function be16(n)
  return string.char(math.floor(n / 256), n % 256)
end

local function u32(s, at)
  local a, b, c, d = s:byte(at, at + 3)
  return a + b * 256 + c * 65536 + d * 16777216
end

--- The bytes of a bundled capture (pcap, little-endian, Ethernet, IPv4) whose
-- server 192.0.2.80 has become 127.0.0.1 and a port.
-- @tparam string name
-- @tparam integer port
-- @tparam[opt=1] integer times the packets are repeated, each time later
-- @treturn string
function support.retargeted(name, port, times)
  local bytes = support.read(support.fixture(name))
  local out, at = { bytes:sub(1, 24) }, 25
  while at < #bytes do
    local size = u32(bytes, at + 8)
    local head, frame = bytes:sub(at, at + 15), bytes:sub(at + 16, at + 15 + size)
    local source, destination = frame:sub(27, 30), frame:sub(31, 34)
    local ports, server, loopback = { frame:sub(35, 36), frame:sub(37, 38) }, "\192\0\2\80", "\127\0\0\1"
    if source == server then
      source, ports[1] = loopback, be16(port)
    elseif destination == server then
      destination, ports[2] = loopback, be16(port)
    end
    out[#out + 1] = head .. frame:sub(1, 26) .. source .. destination .. table.concat(ports) .. frame:sub(39)
    at = at + 16 + size
  end
  local packets = table.concat(out, "", 2)
  return out[1] .. packets:rep(times or 1)
end

return support
