-- What the first bytes of connections say: TLS, HTTP, the PROXY protocol.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../craft.lua")
local says = dofile(here .. "says.lua")

local function begin(o)
  return says.talk(craft.new(o or { server_port = 443, win = 60000 }):hs())
end

local function result(talk, options)
  return assert(talk.x:analyze(options, talk.x.sides.s.port))
end

-- What is said of the only connection, and of all.
local function row(talk, options)
  local r = result(talk, options)
  assert.equal(1, #r.connections)
  return r.connections[1], r
end

describe("TLS", function()
  it("tells names, versions, protocols and times", function()
    local c, r = row(begin():tls13({ name = "www.example.org", alpn = "h2", psk = true, ech = true }, 50 * craft.MS))
    assert.same({ "TLS 1.3", "TLS 1.3", "www.example.org", "h2" },
      { c.tls.offered, c.tls.version, c.tls.sni, c.tls.alpn_offered })
    assert.same({ true, true, true, false, false }, { c.tls.resumption_offered, c.tls.resumed, c.tls.encrypted_hello,
      c.tls.early_data, c.tls.retry })
    assert.equal(50, c.tls.server_hello_ms)
    assert.equal(51, c.tls.handshake_ms)
    assert.equal(1, c.tls.first_data_ms)
    assert.is_nil(c.tls.last_message)
    assert.same({ 1, 1, 1, 1 }, { r.tls.connections, r.tls.client_hellos, r.tls.server_hellos, r.tls.completed })
    assert.same({ ["TLS 1.3"] = 1 }, r.tls.versions)
    assert.equal("www.example.org", r.tls.sni[1].name)
    assert.equal(40, r.tls.server_hello_ms.max)              -- without the 10 ms of the way there and back
  end)

  it("reads the server's certificate up to TLS 1.2", function()
    local c, r = row(begin():tls12 { name = "a.example", alpn = "http/1.1", subject = "a.example", session = "abc" })
    assert.same({ "TLS 1.2", "http/1.1", true }, { c.tls.version, c.tls.alpn, c.tls.resumed })
    local x = r.tls.certificates[1]
    assert.same({ "a.example", "Example CA", "www.example.org", 1672531200, 1988150400, 1, 0, 0 },
      { x.subject, x.issuer, x.name, x.not_before_time, x.not_after_time, x.connections, x.expired, x.not_yet_valid })
    assert.equal(x.not_after_time, c.tls.certificate.not_after_time)
    assert.equal("Example Ltd", result(begin():tls12 {}).tls.certificates[1].subject)
    assert.equal(1, result(begin():tls12 { to = "230201000000Z" }).tls.certificates[1].expired)
    assert.equal(1, result(begin():tls12 { from = "240101000000Z" }).tls.certificates[1].not_yet_valid)
    -- dates that cannot be are none
    assert.is_nil(result(begin():tls12 { to = "231301000000Z" }).tls.certificates)
    assert.is_nil(result(begin():tls12 { to = "23010100000Z" }).tls.certificates)
  end)

  it("puts messages together: over segments, over records, out of order", function()
    local hello = says.hello { name = "long.example", tls13 = true, pad = 15000 }
    assert.equal("long.example", row(begin():say("c", hello, nil, 1000)).tls.sni)
    assert.equal("long.example", row(begin():say("c", hello, nil, 700)).tls.sni)
    local message, list = says.client_hello { name = "split.example" }, {}
    for at = 1, #message, 30 do
      list[#list + 1] = says.record(22, message:sub(at, at + 29))
    end
    for _, most in ipairs { 1400, 37, 20, 5 } do
      assert.equal("split.example", row(begin():say("c", table.concat(list), nil, most)).tls.sni)
    end
    local x = craft.new({ server_port = 443, win = 60000 }):hs()
    hello = says.hello { name = "turned.example", pad = 2000 }
    x:c(1001 + 1400, #hello - 1400, { payload = hello:sub(1401) })
    x:c(1001, 700, { payload = hello:sub(1, 700) }):c(1701, 700, { payload = hello:sub(701, 1400) })
    local r = assert(x:analyze(nil, 443))
    assert.equal("turned.example", r.connections[1].tls.sni)
    -- the flight of a server in one record over many segments
    for _, most in ipairs { 100, 89, 1400 } do
      local c = row(begin():say("c", says.hello {}):say("s", says.flight { subject = "s.example" }, nil, most))
      assert.equal("s.example", c.tls.certificate.subject)
      assert.same({ from = "server", message = "ServerHelloDone" }, c.tls.last_message)
    end
  end)

  it("tells alerts by name, side and where they came", function()
    local c, r = row(begin():say("c", says.hello { name = "no.example" }):say("s", says.alert(112)):close("s"))
    assert.same({ { name = "unrecognized_name", from = "server", fatal = true, frame = 5 } }, c.tls.alerts)
    assert.same({ name = "unrecognized_name", by = "server", fatal = true, instead_of_hello = true, count = 1,
      sni = "no.example", frames = { 5 } }, r.tls.alerts[1])
    assert.is_nil(r.tls.unanswered)
    c = row(begin():say("c", says.hello {}):say("s", says.flight {}):say("c", says.alert(48)))
    assert.same({ "unknown_ca", "client" }, { c.tls.alerts[1].name, c.tls.alerts[1].from })
    c = row(begin():say("c", says.hello {}):say("s", says.alert(112, true) .. says.flight {}))
    assert.is_false(c.tls.alerts[1].fatal)
    assert.equal("TLS 1.2", c.tls.version)
    -- behind ChangeCipherSpec they are encrypted
    c = row(begin():tls12({}):say("c", says.alert(48)))
    assert.is_nil(c.tls.alerts)
  end)

  it("tells a hello that waits for its answer, and one that did not pass", function()
    local _, r = row(begin():say("c", says.hello {}):say("s", "", nil))
    assert.is_nil(r.tls.unanswered)
    local talk = begin():say("c", says.hello {})
    talk.x:s_ack(talk.c):after(9 * craft.SECOND):c(talk.c, 0, { flags = "FA", ack = 5001 })
    talk.x:s(5001, 0, { flags = "FA", ack = talk.c + 1 })
    _, r = row(talk)
    assert.same({ count = 1, longest_ms = 9002, server_ended = 0, client_ended = 1, frames = { 4 } }, r.tls.unanswered)
    talk = begin()
    local hello = says.hello { pad = 1300 }
    for _ = 1, 4 do
      talk.x:after(craft.SECOND):c(1001, #hello, { payload = hello })
    end
    _, r = row(talk)
    assert.same({ 1, #hello, 0 },
      { r.tls.hello_lost.count, r.tls.hello_lost.shortest_bytes, r.tls.hello_lost.longest_passed_bytes })
  end)

  it("reads what was captured of a hello, and nothing of what only looks like TLS", function()
    local talk = begin()
    talk.x:c(1001, 500, { payload = says.hello { name = "cut.example", pad = 400 }, cut = 300 })
    assert.truthy(row(talk).tls)
    assert.is_nil(row(begin():say("c", "\22\3\1\255\255hello")).tls)
    assert.is_nil(row(begin():say("c", "\22\9\1\0\5hello")).tls)
    assert.is_nil(row(begin():say("s", "220 mail.example ESMTP\r\n"):say("c", "EHLO x\r\n")).tls)
  end)
end)

describe("IP fragments", function()
  -- as where a monitoring session carries packets in a tunnel (ERSPAN, VXLAN) that is longer than its own MTU allows
  it("hold what is said like any packet", function()
    local ask, answer = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "HTTP/1.1 503 Unavailable\r\n\r\n"
    local talk = begin()
    talk.x:c(1001, #ask, { payload = ask }):fragments("s", 5001, 1400, { sizes = { 800 }, payload = answer,
      ack = 1001 + #ask })
    talk.x:c(1001 + #ask, 0, { ack = 6401 }):c(1001 + #ask, #ask, { payload = ask })
    talk.x:fragments("s", 6401, 1400, { sizes = { 16, 8 }, order = { 3, 1, 2 }, payload = "HTTP/1.1 404 No\r\n\r\n",
      ack = 1001 + 2 * #ask })
    local c = row(talk)
    assert.same({ ["503"] = 1, ["404"] = 1 }, c.http.status)
    local hello = says.record(22, says.client_hello { name = "long.example", pad = 1500 })
    talk = begin()
    talk.x:fragments("c", 1001, #hello, { sizes = { 400, 800 }, payload = hello }):s_ack(1001 + #hello)
    assert.equal("long.example", row(talk).tls.sni)
  end)
end)

-- What two sides say before TLS begins, by the protocol: { side, bytes }, ...
local dialogues = {
  SMTP = { "s", "220 mail.example ESMTP\r\n", "c", "EHLO a.example\r\n", "s", "250-mail.example\r\n250 STARTTLS\r\n",
    "c", "STARTTLS\r\n", "s", "220 go ahead\r\n" },
  IMAP = { "s", "* OK ready\r\n", "c", "a STARTTLS\r\n", "s", "a OK begin\r\n" },
  POP3 = { "s", "+OK ready\r\n", "c", "STLS\r\n", "s", "+OK begin\r\n" },
  FTP = { "s", "220 ready\r\n", "c", "AUTH TLS\r\n", "s", "234 begin\r\n" },
  LDAP = { "c", "0\29\2\1\1w\24\128\0221.3.6.1.4.1.1466.20037", "s", "0\12\2\1\1x\7\10\1\0\4\0\4\0" },
  PostgreSQL = { "c", "\0\0\0\8\4\210\22\47", "s", "S" },
  MySQL = { "s", "J\0\0\0\108.0.31\0" .. ("x"):rep(60), "c", "\32\0\0\1\5\174\3\0" .. ("\0"):rep(28) },
  XMPP = { "c", "<stream:stream to='a.example'>", "s", "<stream:features><starttls/></stream:features>",
    "c", "<starttls/>", "s", "<proceed/>" },
  RDP = { "c", "\3\0\0\19\14\224\0\0\0\0\0\1\0\8\0\3\0\0\0", "s", "\3\0\0\19\14\208\0\0\18\52\0\2\31\8\0\2\0\0\0" },
  SOCKS = { "c", "\5\1\0", "s", "\5\0", "c", "\5\1\0\3\9a.example\1\187", "s", "\5\0\0\1\0\0\0\0\0\0" },
}

local function dialogue(words)
  local talk = begin()
  for i = 1, #words, 2 do
    talk:say(words[i], words[i + 1])
  end
  return talk
end

describe("TLS behind plain words", function()
  it("is told as any other", function()
    for name, words in pairs(dialogues) do
      for _, shake in ipairs { "tls12", "tls13" } do
        local talk = dialogue(words)
        local c, r = row(talk[shake](talk, { name = "a.example", subject = "a.example" }))
        assert.equal("a.example", c.tls and c.tls.sni, name)
        assert.equal(shake == "tls12" and "TLS 1.2" or "TLS 1.3", c.tls.version)
        assert.same({ 1, 1, 1 }, { r.tls.connections, r.tls.server_hellos, r.tls.completed }, name)
        assert.is_nil(r.http)
      end
    end
  end)

  it("is put together, and told with its alerts", function()
    local c = row(dialogue(dialogues.SMTP):say("c", says.hello { name = "a.example", pad = 3000 })
      :say("s", says.alert(112)))
    assert.same({ "a.example", "unrecognized_name" }, { c.tls.sni, c.tls.alerts[1].name })
    local talk = dialogue(dialogues.SMTP)
    local hello, at = says.hello { name = "b.example" }, talk.c
    talk.x:c(at + 100, #hello - 100, { payload = hello:sub(101), ack = talk.s })
    talk.x:c(at, 100, { payload = hello:sub(1, 100), ack = talk.s })
    talk.c = at + #hello
    c = row(talk:say("s", says.flight {}))
    assert.equal("TLS 1.2", c.tls.version)
  end)

  it("is nothing that only looks like it", function()
    local hello = says.hello { name = "a.example" }
    -- a reply, a message of another type, one that is longer than any, one in the midst of a turn, much later
    for _, bytes in ipairs { says.flight {}, "\22\3\1\0\200\1\9\0\196\3\3" .. ("x"):rep(194),
      "\22\3\1\0\4\1\0\0\0\3\3" } do
      assert.is_nil(select(2, row(dialogue(dialogues.SMTP):say("c", bytes))).tls)
    end
    local words = dialogue(dialogues.SMTP)
    assert.is_nil(select(2, row(words:say("c", "MAIL FROM:<a>\r\n"):say("c", hello))).tls)
    assert.is_nil(select(2, row(dialogue { "c", "\0" .. ("x"):rep(3000), "s", "ok" }:say("c", hello))).tls)
    assert.is_nil(select(2, row(dialogue { "s", "220 a\r\n", "c", ("x"):rep(65) }:say("c", hello))).tls)
  end)

  it("is HTTP in a tunnel, too, and its answer to what looks like no request", function()
    local c = row(dialogue(dialogues.SOCKS):say("c", says.get()):say("s", says.answer(304)))
    assert.same({ 1, { ["304"] = 1 } }, { c.http.requests, c.http.status })
    c = row(dialogue { "c", "\221\0\0\0 GET /txt HTTP/1.1\r\n\r\n" }:say("s", says.answer(400)))
    assert.same({ ["400"] = 1 }, c.http.status)
    assert.is_nil(row(dialogue(dialogues.SMTP):say("c", "GET well soon\r\n"):say("s", "500 no\r\n")).http)
  end)
end)

describe("HTTP", function()
  it("tells what a server answers to a request that is none", function()
    local function answered(request)
      local talk = says.talk(craft.new({ server_port = 80, win = 60000 }):hs())
      return (row(talk:say("c", request):say("s", says.answer(400)):close()))
    end
    for _, request in ipairs { "GET/ HTTP/1.1\r\n\r\n", "OPTIONSHTTP/1.1\r\n\r\n" } do
      assert.equal(1, answered(request).http.status["400"])
    end
    for _, method in ipairs { "QUERY", "PROPPATCH", "POSTPONE", "HEADLINE", "OPTION", "X" } do
      assert.equal(1, answered(method .. " /a HTTP/1.1\r\n\r\n").http.requests, method)
    end
    for _, request in ipairs { "OPTIONS\r\n\r\n", "get / http/1.1\r\n\r\n" } do
      local c = answered(request)
      assert.same({ 0, 1 }, { c.http.requests, c.http.status["400"] })
    end
  end)

  local function web()
    return begin { win = 60000 }
  end

  it("tells the status of each answer and its time", function()
    local talk = web()
    for i, status in ipairs { 200, 404, 503, 500, 204 } do
      talk:say("c", says.get()):say("s", says.answer(status), i * 10 * craft.MS)
    end
    local c, r = row(talk)
    assert.same({ ["200"] = 1, ["404"] = 1, ["503"] = 1, ["500"] = 1, other = 1 }, c.http.status)
    assert.same({ 5, 5, 50, 204 }, { c.http.requests, c.http.answers, c.http.slowest_ms, c.http.slowest_status })
    assert.same({ ["200"] = 1, ["404"] = 1, ["503"] = 1, ["500"] = 1, ["204"] = 1 }, r.http.status)
    assert.same({ 3, 1, 1 }, { r.http.fine.count, r.http.failed.count, r.http.gateway.count })
    assert.equal(30, r.http.gateway.answer_ms.max)
    assert.same({ 9 }, r.http.gateway.frames)
  end)

  it("follows interim answers, tunnels and other protocols", function()
    local c = row(web():say("c", says.get()):say("s", "HTTP/1.1 100 Continue\r\n\r\n")
      :say("c", "body"):say("s", says.answer(201)))
    assert.same({ ["100"] = 1, ["201"] = 1 }, c.http.status)
    c = row(web():say("c", "CONNECT a.example:443 HTTP/1.1\r\n\r\n")
      :say("s", "HTTP/1.1 200 OK\r\n\r\n"):tls13 { name = "a.example" })
    assert.same({ "a.example", 1 }, { c.tls.sni, c.http.answers })
    c = row(web():say("c", says.get()):say("s", "HTTP/1.1 101 Switching\r\n\r\n")
      :say("c", "x"):say("s", says.answer(200)))
    assert.same({ ["101"] = 1 }, c.http.status)
    local _, r = row(web():say("c", says.preface):say("s", "\0\0\0\4\0\0\0\0\0"))
    assert.same({ 1, true }, { r.http.http2_connections, r.connections[1].http2 })
    assert.is_nil(row(web():say("c", "GETTING ON\r\n"):say("s", "yes")).http)
  end)

  it("tells requests that nothing followed", function()
    local talk = web():say("c", says.get()):say("s", says.answer(200)):say("c", says.get("/slow"))
    talk.x:s_ack(talk.c):after(5 * craft.SECOND):c(talk.c, 0, { flags = "RA", ack = talk.s })
    local c, r = row(talk)
    assert.equal(6, c.http.unanswered_frame)
    local u = r.http.unanswered
    assert.same({ 1, 1, 0, { 6 } }, { u.count, u.client_ended, u.server_ended, u.frames })
  end)

  it("tells them of a host to itself, whichever port is the greater one", function()
    for _, ports in ipairs { { 40000, 80 }, { 80, 40000 } } do
      local x = craft.new { win = 60000, client = "10.0.0.2", client_port = ports[1], server_port = ports[2] }
      local talk = says.talk(x:hs()):say("c", says.get("/slow"))
      x:s_ack(talk.c):after(5 * craft.SECOND):c(talk.c, 0, { flags = "RA", ack = talk.s })
      for _, port in ipairs { ports[2], false } do
        local r = x:analyze({ connections = 1 }, port)
        assert.equal(1, r.http.unanswered and r.http.unanswered.count, ports[1] .. " to " .. tostring(port))
        assert.equal(4, r.connections[1].http.unanswered_frame)
      end
    end
  end)

  it("is switched off", function()
    local c, r = row(web():say("c", says.get()):say("s", says.answer(200)), { application = false })
    assert.is_nil(c.http)
    assert.is_nil(r.http)
    assert.has_error(function() row(web(), { application = 1 }) end)
  end)
end)

describe("the PROXY protocol", function()
  it("names the client in front of it", function()
    for version, header in ipairs { says.proxy_v1, says.proxy_v2 } do
      for _, most in ipairs { 1400, 10 } do
        local c, r = row(begin():say("c", header, nil, most):tls13 { name = "b.example" })
        if most == 1400 then
          assert.same({ version = version, client = "203.0.113.9:56324" }, c.proxy_protocol)
          assert.equal(1, r.proxy_protocol["v" .. version])
          assert.equal(1, r.proxy_protocol.clients_named)
          assert.equal("b.example", c.tls.sni)
        end
      end
      local c = row(begin():say("c", header .. says.get()):say("s", says.answer(200)))
      assert.same({ ["200"] = 1 }, c.http.status)
    end
    local _, r = row(begin():say("c", "PROXY UNKNOWN\r\n" .. says.get()))
    assert.same({ 1, 0 }, { r.proxy_protocol.v1, r.proxy_protocol.clients_named })
    assert.is_nil(select(2, row(begin():say("c", "PROXY and nothing else"))).proxy_protocol)
  end)
end)

describe("names", function()
  local asks = dofile(here .. "asks.lua")

  local function connect(x)
    return x:hs():c(1001, 100):s(5001, 100, { ack = 1101 })
  end

  it("tells which lookup led to a connection, over UDP and TCP", function()
    local x = connect(asks.look_up(craft.new { server_port = 443 }, 300))
    local r = assert(x:analyze(nil, 443))
    assert.same({ name = "www.example.org", frame = 1, wait_ms = 300, before_ms = 1, repeated = 0, errors = 0,
      half_answered = false }, r.connections[1].dns)
    assert.same({ 1, 1, 1, 300 }, { r.dns.lookups, r.dns.connections, r.dns.slow, r.dns.longest.wait_ms })
    assert.equal("www.example.org", r.dns.names[1].name)
    for _, apart in ipairs { false, true } do
      x = connect(asks.over_tcp(craft.new { server_port = 443 }, 40, { apart = apart }))
      local c = assert(x:analyze(nil, 443)).connections[1]
      assert.is_true(c.dns.wait_ms >= 40 and c.dns.wait_ms < 80)
    end
  end)

  it("is silent where it is not wanted, and where nobody asked", function()
    local x = connect(asks.look_up(craft.new { server_port = 443 }, 300))
    local r = assert(x:analyze({ application = false }, 443))
    assert.is_nil(r.dns)
    assert.is_nil(r.connections[1].dns)
    assert.is_nil(assert(connect(craft.new { server_port = 443 }):analyze(nil, 443)).dns)
  end)

  it("says the same of a server among others", function()
    local path = connect(asks.look_up(craft.new { server_port = 443 }, 1300)):save()
    local all = assert(require("mcpcap").overview(path))
    os.remove(path)
    assert.equal("10.0.0.2:443", all.servers[1].server)
    assert.matches("waited 1.3 s for the server's name", all.servers[1].verdict)
  end)
end)
