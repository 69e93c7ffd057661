-- The NSE script in a real nmap, against a listener on loopback whose traffic a
-- bundled capture shows.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local support = dofile(here .. "support.lua")

describe("the NSE script", function()
  local inner = support.lua_in("nmap") or "5.3"
  local why = support.missing(inner, "nmap", "python3")
  if why then
    pending("cannot be tried: " .. why)
    return
  end

  local listener, capture, other, packets

  setup(function()
    listener = support.listener()
    capture = support.write(os.tmpname(), support.retargeted("loss-to-client-behind.pcap", listener.port))
    other = support.fixture("web-session.pcapng")
    local known = support.expected("loss-to-client-behind")
    packets = ("packets: %d to the server, %d from it"):format(known.client_to_server.packet_count,
      known.server_to_client.packet_count)
  end)

  teardown(function()
    listener.stop()
    os.remove(capture)
  end)

  local function scan(arguments, more)
    local script = support.quote(support.root .. "/examples/nse/mcpcap.nse")
    local command = support.environment(inner) .. ("nmap -Pn -n -sT -p %d %s --script %s%s %s 127.0.0.1"):format(
      listener.port, more or "", script, arguments and " --script-args " .. support.quote(arguments) or "", "")
    return support.run(command, 90)
  end

  it("diagnoses an open port, its host, and sums up at the end", function()
    local output, status = scan("mcpcap.file=" .. capture)
    assert.equal(0, status)
    assert.matches(("%d/tcp open"):format(listener.port), output, 1, true)
    assert.matches("verdict: %d+ of %d+ data segments", output)
    assert.matches(packets, output, 1, true)
    assert.matches("1 attempted, 1 completed, 0 refused", output, 1, true)
    assert.matches("side: network", output, 1, true)
    assert.matches("tcp.srcport == " .. listener.port, output, 1, true)
    assert.matches("Host script results", output, 1, true)
    assert.matches("worst_first", output, 1, true)
    assert.matches(("127.0.0.1:%d: %%d+ of %%d+ data"):format(listener.port), output)
    assert.is_nil(output:find("127.0.0.1:any: ", 1, true))
  end)

  it("gives structured output", function()
    local output, status = scan("mcpcap.file=" .. capture, "-oX -")
    assert.equal(0, status)
    assert.matches('<elem key="packets">' .. packets:match("^packets: (.*)") .. "</elem>", output, 1, true)
    assert.matches('<table key="findings">', output, 1, true)
    assert.matches('<elem key="severity">error</elem>', output, 1, true)
  end)

  it("reads a list of captures as one, and a server under another address", function()
    local output = scan(("mcpcap.file={%s,%s},mcpcap.server=192.0.2.80"):format(other,
      support.fixture("clean-http.pcap")))
    assert.matches("verdict:", output, 1, true)
    assert.matches("192.0.2.80:any", output, 1, true)
  end)

  it("stops at the number of packets and says so", function()
    local output = scan("mcpcap.max-packets=100,mcpcap.file=" .. capture)
    assert.matches("only a part was read", output, 1, true)
  end)

  it("says once what is wrong with the capture", function()
    local output, status = scan("mcpcap.file=/nonexistent/a.pcap")
    assert.equal(0, status)
    assert.matches("ERROR: /nonexistent/a.pcap: No such file", output, 1, true)
    assert.equal(1, select(2, output:gsub("ERROR", "")))
  end)

  it("says what is wrong with an argument", function()
    assert.matches("ERROR: mcpcap.timeout: a number above 0", (scan("mcpcap.timeout=x,mcpcap.file=" .. capture)))
    assert.matches("ERROR: [^\n]*filter", (scan("mcpcap.filter=bogus words,mcpcap.file=" .. capture)))
  end)

  it("names the servers of the capture when none was scanned", function()
    local output = scan("mcpcap.file=" .. other)
    assert.matches("192.0.2.80:80 (", output, 1, true)
    assert.is_nil(output:find("verdict", 1, true))
  end)

  it("stays silent without a capture", function()
    local output, status = scan(nil)
    assert.equal(0, status)
    assert.is_nil(output:find("mcpcap", 1, true))
  end)
end)
