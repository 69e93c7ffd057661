-- The example for nginx, started as a user starts it, asked over HTTP.

local json = require "mcpcap.json"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local support = dofile(here .. "support.lua")
local quote = support.quote

local SERVER = "server=127.0.0.1&port=4567"
local WEB = "file=web-session.pcapng&server=192.0.2.80&port=80"
local REPEATS = 2000          -- some 80 MB: longer than a moment, also on a fast machine

local function lua_module_is_missing()
  return not support.has("openresty") and select(2, support.run(
    "ls /usr/lib*/nginx/modules/ngx_http_lua_module.so", 10)) ~= 0 and "nginx has no Lua module" or nil
end

describe("the nginx example", function()
  local why = support.missing("5.1", "nginx", "python3", "curl") or lua_module_is_missing()
  if why then
    pending("cannot be tried: " .. why)
    return
  end

  local folder, servers, scratch = nil, {}, {}

  local function start(settings)
    local port = support.free_port()
    local log = folder .. "/log-" .. port
    local process = support.start(("env TMPDIR=%s MCPCAP_LIB=%s MCPCAP_LOG=%s MCPCAP_WORKERS=1 MCPCAP_CAPTURES=%s %s "
      .. "sh %s %d"):format(folder, quote(support.build("5.1")), log, folder .. "/captures", settings or "",
      quote(support.root .. "/examples/openresty/run"), port), 300)
    local server = { process = process, port = port, url = "http://127.0.0.1:" .. port, log = log }
    assert(support.wait(function()
      return support.run("curl -s " .. server.url .. "/health", 10) == "ok\n"
    end, 20), process.line)
    servers[#servers + 1] = server
    return server
  end

  -- Status and body of a request with curl.
  local function ask(words, path, server)
    server = server or servers[1]
    local output = support.run(("curl -s -m 60 -w '\\n%%{http_code}' %s %s"):format(words,
      quote(server.url .. path)), 90)
    local body, status = output:match("^(.*)\n(%d+)$")
    return tonumber(status), body
  end

  local function ask_py(words, server)
    local output, status = support.run(("python3 %s %s"):format(quote(support.root .. "/spec/hosts/ask.py"),
      words:gsub("PORT", (server or servers[1]).port)), 120)
    assert.equal(0, status, output)
    return assert(json.decode(output))
  end

  local function file_with(text)
    local path = ("%s/file-%d"):format(folder, #scratch + 1)
    scratch[#scratch + 1] = path
    return support.write(path, text)
  end

  setup(function()
    folder = assert(support.run("mktemp -d", 10):match("^(%S+)"))
    support.run(("chmod 755 %s && mkdir %s/captures && cp %s/*.pcap* %s/captures/"):format(folder, folder,
      quote(support.root .. "/spec/fixtures"), folder), 30)
    support.write(folder .. "/captures/long.pcap",
      support.retargeted("loss-to-client-behind.pcap", 4567, REPEATS))
    support.run(("chmod -R a+rX %s"):format(folder), 30)
    start()
  end)

  teardown(function()
    for _, server in ipairs(servers) do
      server.process.stop()
    end
    support.run("rm -rf " .. quote(folder), 30)
  end)

  describe("analyses captures of its own", function()
    it("in slices and in a thread, with the same result", function()
      local status, one = ask("", "/analyze/slices?" .. WEB)
      assert.equal(200, status)
      local other
      status, other = ask("", "/analyze/thread?" .. WEB)
      assert.equal(200, status)
      one, other = assert(json.decode(one)), assert(json.decode(other))
      one.analysis_timestamp, other.analysis_timestamp = nil, nil
      assert.same(one, other)
      assert.equal("web-session.pcapng", one.file)
      local known = support.expected("web-session")
      assert.equal(known.client_to_server.packet_count, one.client_to_server.packet_count)
      assert.equal(known.server_to_client.retransmissions, one.server_to_client.retransmissions)
    end)

    for _, way in ipairs { "slices", "thread" } do
      it("and answers others meanwhile, " .. way, function()
        local seen = ask_py("during PORT '/analyze/" .. way .. "?file=long.pcap&" .. SERVER .. "'")
        assert.equal(200, seen.status)
        assert.is_true(seen.answered >= 5, "others answered meanwhile: " .. seen.answered)
      end)

      it("and says why not, " .. way, function()
        local path = "/analyze/" .. way .. "?server=192.0.2.80&file="
        assert.equal(404, (ask("", path .. "none.pcap")))
        assert.equal(403, (ask("", path .. "../log-" .. servers[1].port)))
        assert.equal(400, (ask("", path .. "web-session.pcapng&port=80.5")))
        assert.equal(400, (ask("", path .. "web-session.pcapng&filter=bogus+words")))
        assert.equal(400, (ask("", "/analyze/" .. way .. "?file=web-session.pcapng&server=nowhere")))
        local _, body = ask("", path .. "none.pcap")
        assert.equal("not_found", assert(json.decode(body)).error.code)
      end)

      it("until the client goes, " .. way, function()
        local before = select(2, support.read(servers[1].log):gsub("its analysis has ended", ""))
        ask_py("leave PORT '/analyze/" .. way .. "?file=long.pcap&" .. SERVER .. "'")
        assert.is_truthy(support.wait(function()
          return select(2, support.read(servers[1].log):gsub("its analysis has ended", "")) > before
        end, 10))
        assert.equal(200, (ask("", "/analyze/" .. way .. "?" .. WEB)))
      end)
    end
  end)

  describe("takes a capture and gives a report", function()
    local capture = quote(support.fixture("web-session.pcapng"))

    it("that is the body of the request", function()
      local status, page = ask("--data-binary @" .. capture, "/report?server=192.0.2.80&port=80&name=%3Cb%3E.pcap")
      assert.equal(200, status)
      assert.matches("<!DOCTYPE html>", page, 1, true)
      assert.matches("192.0.2.80:80 in &lt;b&gt;.pcap", page, 1, true)
      assert.is_nil(page:find("/tmp/", 1, true))
    end)

    it("that comes in chunks of unknown number", function()
      local status, page = ask("-H 'Transfer-Encoding: chunked' --data-binary @" .. capture,
        "/report?server=192.0.2.80&format=text")
      assert.equal(200, status)
      assert.matches("192.0.2.80 (all ports) in capture", page, 1, true)
    end)

    it("that is a field of a form", function()
      local status, page = ask("-F server=192.0.2.80 -F port=80 -F format=text -F capture=@" .. capture, "/report")
      assert.equal(200, status)
      assert.matches("192.0.2.80:80 in web-session.pcapng", page, 1, true)
    end)

    it("about the busiest server when none is named", function()
      local status, page = ask("--data-binary @" .. capture, "/report?format=text")
      assert.equal(200, status)
      assert.matches("^192.0.2.80:80 in", page)
    end)

    it("or says why there is none", function()
      local text = quote(support.root .. "/LICENSE")
      assert.equal(422, (ask("--data-binary @" .. text, "/report")))
      assert.equal(400, (ask("--data-binary @" .. capture, "/report?port=0")))
      assert.equal(400, (ask("--data-binary @" .. capture, "/report?server=nowhere")))
      assert.equal(400, (ask("-X POST", "/report")))
      assert.equal(400, (ask("-F server=192.0.2.80", "/report")))
      assert.equal(405, (ask("", "/report")))
      assert.equal(403, (ask("-H 'Origin: http://elsewhere.example' --data-binary @" .. capture, "/report")))
      assert.equal(403, (ask("-H 'Host: elsewhere.example' --data-binary @" .. capture, "/report")))
      local _, page = ask("--data-binary @" .. text, "/report?name=%3Cscript%3E")
      assert.is_nil(page:find("<script>", 1, true))
      _, page = ask("--data-binary @" .. text, "/report?format=json&name=a.pcap")
      assert.matches("^a.pcap: ", assert(json.decode(page)).error.message)
    end)

    it("within a size", function()
      local small = start "MCPCAP_UPLOAD=100k"
      local status, page = ask("--data-binary @" .. folder .. "/captures/long.pcap", "/report", small)
      assert.equal(413, status)
      assert.matches("too large: 100K at most", page, 1, true)
    end)

    it("and keeps nothing", function()
      assert.equal("", (support.run("find " .. folder .. "/mcpcap-nginx.*/tmp -type f", 10)))
    end)

    it("in a browser", function()
      if not support.has("chromium") then
        pending("chromium is not installed")
        return
      end
      local output, status = support.run(("python3 %s chromium %s/ %s 192.0.2.80 80"):format(
        quote(support.root .. "/spec/hosts/browser.py"), servers[1].url, capture), 90)
      assert.equal(0, status, output)
      local seen = assert(json.decode(output))
      assert.matches("192.0.2.80:80 in web-session.pcapng", seen.report, 1, true)
      assert.matches("Findings", seen.report, 1, true)
      assert.equal("web-session-report.html", seen.save)
      assert.is_true(seen.height > 1000)
      assert.same({}, seen.errors)
    end)
  end)

  describe("speaks MCP", function()
    local function call(arguments, token)
      return json.encode { jsonrpc = "2.0", id = 7, method = "tools/call", params = {
        name = "analyze_traffic_flow", arguments = arguments, _meta = token and { progressToken = token } or nil,
      } }
    end

    local function post(text, words, server)
      return ask(("-H 'Content-Type: application/json' %s --data-binary @%s"):format(words or "", file_with(text)),
        "/mcp", server)
    end

    it("to a client that begins with initialize", function()
      local status, body = post [[{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":
        "2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}]]
      assert.equal(200, status)
      assert.equal("2025-06-18", assert(json.decode(body)).result.protocolVersion)
      status, body = post [[{"jsonrpc":"2.0","method":"notifications/initialized"}]]
      assert.equal(202, status)
      assert.equal("", body)
    end)

    it("to a client whose requests stand alone", function()
      local text = [[{"jsonrpc":"2.0","id":"d","method":"server/discover","params":{"_meta":{
        "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}]]
      local status, body = post(text, "-H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: server/discover'")
      assert.equal(200, status)
      assert.same({ "2026-07-28" }, assert(json.decode(body)).result.supportedVersions)
      status, body = post(text, "-H 'MCP-Protocol-Version: 2026-07-28'")
      assert.equal(400, status)
      assert.equal(-32020, assert(json.decode(body)).error.code)
    end)

    it("and analyses, from the folder of captures", function()
      local status, body = post(call { pcap_file = "web-session.pcapng", server_ip = "192.0.2.80", server_port = 80 })
      assert.equal(200, status)
      local result = assert(json.decode(body)).result
      assert.equal("192.0.2.80:80", result.structuredContent.server)
      status, body = post(call { pcap_file = servers[1].log, server_ip = "192.0.2.80" })
      assert.equal(200, status)
      assert.is_true(assert(json.decode(body)).result.isError)
      status, body = post(call { pcap_file = servers[1].url .. "/index.html", server_ip = "192.0.2.80" })
      assert.equal(200, status)
      assert.is_true(assert(json.decode(body)).result.isError)
    end)

    it("and reports progress as events, the result last", function()
      local status, body = post(call({ pcap_file = "long.pcap", server_ip = "127.0.0.1" }, "t"),
        "-H 'Accept: application/json, text/event-stream'")
      assert.equal(200, status)
      local events = {}
      for event in body:gmatch("data: ([^\n]+)\n\n") do
        events[#events + 1] = assert(json.decode(event))
      end
      assert.is_true(#events >= 2)
      for i = 1, #events - 1 do
        assert.equal("notifications/progress", events[i].method)
        assert.equal("t", events[i].params.progressToken)
        assert.is_true(i == 1 or events[i].params.progress > events[i - 1].params.progress)
      end
      assert.equal(7, events[#events].id)
      assert.equal("127.0.0.1:any", events[#events].result.structuredContent.server)
    end)

    it("and ends the work when the client goes", function()
      local before = select(2, support.read(servers[1].log):gsub("its analysis has ended", ""))
      local seen = ask_py("abort PORT /mcp " .. file_with(call({ pcap_file = "long.pcap", server_ip = "127.0.0.1" },
        "t")))
      assert.matches("notifications/progress", seen.first, 1, true)
      assert.is_truthy(support.wait(function()
        return select(2, support.read(servers[1].log):gsub("its analysis has ended", "")) > before
      end, 10))
    end)

    it("and refuses what is no request of a client", function()
      local ping = [[{"jsonrpc":"2.0","id":1,"method":"ping"}]]
      assert.equal(200, (post(ping)))
      assert.equal(200, (post(ping, "-H 'Origin: " .. servers[1].url .. "'")))
      assert.equal(403, (post(ping, "-H 'Origin: https://elsewhere.example'")))
      assert.equal(403, (post(ping, "-H 'Host: elsewhere.example'")))
      assert.equal(405, (ask("", "/mcp")))
      assert.equal(405, (ask("-X DELETE", "/mcp")))
      assert.equal(415, (ask("-H 'Content-Type: text/plain' -d '" .. ping .. "'", "/mcp")))
      assert.equal(400, (post("{")))
      assert.equal(400, (post("[" .. ping .. "]", "-H 'MCP-Protocol-Version: 2025-06-18'")))
      assert.equal(400, (post(ping, "-H 'MCP-Protocol-Version: 1900-01-01'")))
      local status, body = post((" "):rep(1100000))
      assert.equal(413, status)
      assert.equal(-32600, assert(json.decode(body)).error.code)
      assert.equal(200, (post(ping)))
    end)
  end)

  it("refuses what is too much, and goes on", function()
    local narrow = start "MCPCAP_RUNNING=2"
    for _, way in ipairs { "slices", "thread" } do
      local seen = ask_py("flood PORT '/analyze/" .. way .. "?file=long.pcap&" .. SERVER .. "' 8", narrow)
      assert.is_true((seen["200"] or 0) >= 2, json.encode(seen))
      assert.is_true((seen["503"] or 0) >= 1, json.encode(seen))
      assert.equal(8, seen["200"] + seen["503"], json.encode(seen))
      assert.equal(200, (ask("", "/analyze/" .. way .. "?" .. WEB, narrow)))
    end
  end)

  it("serves more at a time than it has threads", function()
    for _, way in ipairs { "slices", "thread" } do
      local seen = ask_py("flood PORT '/analyze/" .. way .. "?" .. WEB .. "' 24")
      assert.same({ ["200"] = 24 }, seen)
    end
  end)

  it("never logged an error of its own, and leaves nothing behind", function()
    for _, server in ipairs(servers) do
      server.process.stop()
      local log = support.read(server.log)
      assert.is_nil(log:find("[emerg]", 1, true) or log:find("[alert]", 1, true) or log:find("[crit]", 1, true), log)
      assert.is_nil(log:find("mcpcap: [^t]") or log:find("exited on signal", 1, true), log)
    end
    assert.equal("", (support.run("ls -d " .. folder .. "/mcpcap-nginx.* 2>/dev/null", 10)))
  end)
end)
