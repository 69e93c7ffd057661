-- The Wireshark plugin in a real tshark.

local json = require "mcpcap.json"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local support = dofile(here .. "support.lua")
local quote = support.quote

describe("the Wireshark plugin", function()
  local inner = support.lua_in("tshark") or "5.2"
  local why = support.missing(inner, "tshark")
  if why then
    pending("cannot be tried: " .. why)
    return
  end

  local script = support.root .. "/examples/wireshark/mcpcap.lua"
  local drop, copy = "", nil

  -- Root's scripts are left out, without a word, by a tshark (4.4) whose global init.lua does not
  -- allow them: then it runs as nobody, who may not look into this folder, from a copy.
  local function runs_scripts()
    local probe = support.write(copy and copy .. "/probe.lua" or os.tmpname(), "print('heard')")
    local output = support.run(("chmod 644 %s; %stshark -q -X lua_script:%s -r %s"):format(quote(probe), drop,
      quote(probe), quote(copy and copy .. "/vlan.pcap" or support.fixture("vlan.pcap"))), 90)
    os.remove(probe)
    return output:find("heard", 1, true)
  end

  if not runs_scripts() and support.has("setpriv") then
    local made = ("d=$(mktemp -d) && cp -r %s %s %s $d && cp %s/*.pcap* $d && chmod -R a+rX $d && echo $d"):format(
      quote(support.root .. "/lua"), quote(support.build(inner) .. "/mcpcap"), quote(script),
      quote(support.root .. "/spec/fixtures"))
    copy = support.run(made):match("(/[^\n]*)\n$")
    drop = ("setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=%s "):format(copy)
    script = copy .. "/mcpcap.lua"
  end
  if copy and not runs_scripts() then
    support.run("rm -rf " .. quote(copy))
    pending("cannot be tried: tshark runs no scripts for this user")
    return
  end

  teardown(function()
    if copy then
      support.run("rm -rf " .. quote(copy))
    end
  end)

  -- What tshark prints on standard output and on standard error.
  local function tshark(arguments, file, environment)
    local words = {}
    for i, argument in ipairs(arguments) do
      words[i] = "-X " .. quote("lua_script1:" .. argument)
    end
    local errors = os.tmpname()
    local output, status = support.run(("%s%stshark -q -X lua_script:%s %s -r %s 2>%s"):format(
      environment or support.environment(inner, copy), drop, quote(script), table.concat(words, " "),
      quote(copy and file:gsub("^.*/", copy .. "/") or file), errors), 90)
    local complaint = support.read(errors):gsub("Running as user[^\n]*\n", "")
    os.remove(errors)
    assert.equal(0, status, output .. complaint)
    return output, complaint
  end

  local web = support.fixture("web-session.pcapng")

  it("prints the report", function()
    local output, complaint = tshark({ "192.0.2.80", "80" }, web)
    assert.matches("^192.0.2.80:80 in the open capture\n", output)
    assert.matches("FINDINGS", output, 1, true)
    assert.equal("", complaint)
  end)

  it("says of the handed over packets what the library says of the file", function()
    local mcpcap = require "mcpcap"
    for _, name in ipairs { "web-session.pcapng", "vlan.pcap", "ipv6.pcapng", "rejected-by-icmp.pcap" } do
      local server = name == "ipv6.pcapng" and "2001:db8::80" or "192.0.2.80"
      local there = assert(json.decode((tshark({ server, "any", "json" }, support.fixture(name)))))
      local result = assert(mcpcap.analyze_traffic_flow(support.fixture(name), server))
      local here_too = assert(json.decode(json.encode(result)))
      for _, part in ipairs { "client_to_server", "server_to_client", "total_packets", "status", "server" } do
        assert.same(here_too[part], there[part], name .. ": " .. part)
      end
      assert.equal(here_too.analysis.interpretation, there.analysis.interpretation)
    end
  end)

  it("knows the other formats", function()
    assert.matches("^# 192.0.2.80:80", (tshark({ "192.0.2.80", "80", "markdown" }, web)))
    assert.matches("^<!DOCTYPE html>", (tshark({ "192.0.2.80", "80", "html" }, web)))
  end)

  it("says what is wrong", function()
    local function complaint_of(arguments)
      local output, complaint = tshark(arguments, web)
      assert.equal("", output)
      return complaint
    end
    assert.matches("^mcpcap: server_ip: not an IPv4 or IPv6 address", complaint_of { "nowhere" })
    assert.matches("^mcpcap: port: ", complaint_of { "192.0.2.80", "0" })
    assert.matches("^mcpcap: format: ", complaint_of { "192.0.2.80", "80", "pdf" })
  end)

  it("says when the module is missing, and harms nothing", function()
    local name = inner:gsub("%.", "_")
    local nowhere = ("env LUA_PATH_%s=/nowhere LUA_CPATH_%s=/nowhere "):format(name, name)
    local output, complaint = tshark({ "192.0.2.80" }, web, nowhere)
    assert.equal("", output)
    assert.matches("cannot be loaded in Lua 5", complaint)
  end)

  it("is silent without arguments", function()
    local output, complaint = tshark({}, web)
    assert.equal("", output .. complaint)
  end)
end)
