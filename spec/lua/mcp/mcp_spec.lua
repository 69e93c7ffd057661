-- The protocol: messages of both eras, calls in steps, progress; with tools made up for that.

local json = require "mcpcap.json"
local mcp = require "mcpcap.mcp"

local VERSION, CAPABILITIES = "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientCapabilities"

-- A session that gives its steps one by one; `log` hears of its end.
local function fake_session(steps, log)
  local session, at = {}, 0
  function session.step()
    at = at + 1
    return steps[at] or "done"
  end
  function session.progress()
    return at * 100, 1000
  end
  function session.result()
    error("no result", 0)
  end
  function session.close()
    log[#log + 1] = "closed"
  end
  return session
end

local log

-- Tools that show what the shim does with them.
local TOOLS = {
  {
    name = "slow", title = "t", description = "d", inputSchema = { type = "object" },
    handler = function(_, context)
      context.keep(fake_session({}, log))
      for i = 1, 5 do
        context.pause(i * 10, 50, i == 3)
      end
      return { structured = json.object(), texts = { "at last" } }
    end,
  },
  {
    name = "broken", title = "t", description = "d", inputSchema = { type = "object" },
    handler = function()
      error("secret detail of /etc/x")
    end,
  },
  {
    name = "strict", title = "t", description = "d",
    inputSchema = { type = "object", properties = { n = { type = "integer" } }, required = { "n" },
      additionalProperties = false },
    handler = function() return nil, "the world is not so" end,
  },
}

local RESOURCES = {
  { uri = "test://one", name = "one", mimeType = "text/plain", read = function() return "text of one" end },
}

local defects

local function service(options)
  options = options or {}
  options.on_defect = function(text) defects[#defects + 1] = text end
  options.tools = options.tools or TOOLS
  options.resources = options.resources or {}
  return mcp.new(options)
end

local function meta(more)
  local m = { [VERSION] = "2026-07-28", [CAPABILITIES] = json.object() }
  for k, v in pairs(more or {}) do
    m[k] = v
  end
  return m
end

local function request(method, params, id)
  return json.encode { jsonrpc = "2.0", id = id or 1, method = method, params = params }
end

local function modern(method, params, id)
  params = params or {}
  params._meta = params._meta or meta()
  return request(method, params, id)
end

local function reply_of(peer, text)
  local reply = peer:handle(text)
  return reply and assert(json.decode(reply))
end

before_each(function()
  log, defects = {}, {}
end)

-- ------------------------------------------------------------------ the table

local CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
local MODERN_META = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
  .. '"io.modelcontextprotocol/clientCapabilities":{}}'

-- Name, message, expected: an error code; nil for no reply; "fail" for a result
-- with isError; "ok" for a result.  With a fourth field: the id of the reply
-- (false: none).
local HOSTILE = {
  { "nothing", "", -32700, false },
  { "blanks", "   \t ", -32700, false },
  { "half an object", '{"jsonrpc":"2.0"', -32700, false },
  { "a word", "hello", -32700, false },
  { "a comment", '{"jsonrpc":"2.0","id":1,"method":"ping"} // x', -32700, false },
  { "two values", '{"jsonrpc":"2.0","id":1,"method":"ping"} {}', -32700, false },
  { "a comma too many", '{"jsonrpc":"2.0","id":1,"method":"ping",}', -32700, false },
  { "single quotes", "{'jsonrpc':'2.0','id':1,'method':'ping'}", -32700, false },
  { "a lone surrogate", '{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', -32700, false },
  { "bytes that are no UTF-8", '{"jsonrpc":"2.0","id":"\255","method":"ping"}', -32700, false },
  { "a raw control character", '{"jsonrpc":"2.0","id":"\1","method":"ping"}', -32700, false },
  { "a NUL byte", '{"jsonrpc":"2.0","id":1,"method":"ping"\0}', -32700, false },
  { "not a number", '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', -32700, false },
  { "a hexadecimal number", '{"jsonrpc":"2.0","id":0x10,"method":"ping"}', -32700, false },
  { "a leading zero", '{"jsonrpc":"2.0","id":01,"method":"ping"}', -32700, false },
  { "many brackets", ("["):rep(100000), -32700, false },
  { "many braces", ('{"a":'):rep(100000), -32700, false },
  { "values without end", "[" .. ("1,"):rep(100000) .. "1]", -32700, false },
  { "escapes without end", '{"jsonrpc":"2.0","id":1,"method":"' .. ("\\n"):rep(100000) .. '"}', -32700, 1 },
  { "letters without end", '{"jsonrpc":"2.0","id":1,"method":"' .. ("\195\164"):rep(100000) .. '"}', -32700, 1 },
  { "escapes without end, and an id beyond every integer",
    '{"id":1e300,"method":"' .. ("\\n"):rep(100000) .. '"}', -32700, false },
  { "many brackets, but not without end", ("["):rep(10000), -32700, false },
  { "deep but closed", ("["):rep(5000) .. ("]"):rep(5000), -32700, false },
  { "a string", '"hello"', -32600, false },
  { "a number", "7", -32600, false },
  { "true", "true", -32600, false },
  { "false", "false", -32600, false },
  { "null", "null", -32600, false },
  { "an empty object", "{}", -32600, false },
  { "an empty batch", "[]", -32600, false },
  { "a batch where there is none", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, false },
  { "id null", '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, false },
  { "id object", '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, false },
  { "id list", '{"jsonrpc":"2.0","id":[1],"method":"ping"}', -32600, false },
  { "id boolean", '{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600, false },
  { "id fraction", '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, false },
  { "id beyond every integer", '{"jsonrpc":"2.0","id":1e300,"method":"ping"}', -32600, false },
  { "another protocol", '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600, 1 },
  { "no protocol", '{"id":1,"method":"ping"}', -32600, 1 },
  { "a protocol that is a number", '{"jsonrpc":2.0,"id":1,"method":"ping"}', -32600, 1 },
  { "no method", '{"jsonrpc":"2.0","id":1}', -32600, 1 },
  { "a method that is a number", '{"jsonrpc":"2.0","id":1,"method":7}', -32600, 1 },
  { "a method that is a number, no id", '{"jsonrpc":"2.0","method":7}', -32600, false },
  { "a response", '{"jsonrpc":"2.0","id":1,"result":{}}', nil },
  { "an error response", '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}', nil },
  { "an unknown notification", '{"jsonrpc":"2.0","method":"notifications/nonsense"}', nil },
  { "a request's method without an id", '{"jsonrpc":"2.0","method":"tools/list"}', nil },
  { "a notification with bad params", '{"jsonrpc":"2.0","method":"notifications/initialized","params":7}', nil },
  { "a cancel of nothing", '{"jsonrpc":"2.0","method":"notifications/cancelled"}', nil },
  { "a cancel of null", '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":null}}', nil },
  { "a cancel of a list", '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[]}}', nil },
  { "a cancel of the unknown", '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}', nil },
  { "an unknown method", '{"jsonrpc":"2.0","id":1,"method":"nonsense"}', -32601, 1 },
  { "an empty method", '{"jsonrpc":"2.0","id":1,"method":""}', -32601, 1 },
  { "a method of every table", '{"jsonrpc":"2.0","id":1,"method":"__index"}', -32601, 1 },
  { "a method with a terminal's codes", '{"jsonrpc":"2.0","id":1,"method":"\\u001b[2J\\u202e"}', -32601, 1 },
  { "a long method, that is read all the same",
    '{"jsonrpc":"2.0","id":1,"method":"' .. ("x"):rep(100000) .. '"}', -32601, 1 },
  { "logging, that is not declared", '{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}}',
    -32601, 1 },
  { "resources, that are not declared", '{"jsonrpc":"2.0","id":1,"method":"resources/list"}', -32601, 1 },
  { "params list", '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', -32602, 1 },
  { "params string", '{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}', -32602, 1 },
  { "params null", '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}', -32602, 1 },
  { "_meta list", '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[1]}}', -32602, 1 },
  { "initialize without a version", '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}', -32602, 1 },
  { "initialize with a number", '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}', -32602,
    1 },
  { "a cursor", '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}', -32602, 1 },
  { "a tool without a name", CALL .. "{}}", -32602, 1 },
  { "a tool whose name is a number", CALL .. '{"name":7}}', -32602, 1 },
  { "an unknown tool", CALL .. '{"name":"nonsense","arguments":{}}}', -32602, 1 },
  { "a tool of every table", CALL .. '{"name":"__index"}}', -32602, 1 },
  { "arguments string", CALL .. '{"name":"strict","arguments":"x"}}', -32602, 1 },
  { "arguments list", CALL .. '{"name":"strict","arguments":[1]}}', -32602, 1 },
  { "arguments null", CALL .. '{"name":"strict","arguments":null}}', -32602, 1 },
  { "no arguments", CALL .. '{"name":"strict"}}', "fail", 1 },
  { "an argument of a wrong type", CALL .. '{"name":"strict","arguments":{"n":"7"}}}', "fail", 1 },
  { "an unknown argument", CALL .. '{"name":"strict","arguments":{"n":7,"m":1}}}', "fail", 1 },
  { "a failure of the world", CALL .. '{"name":"strict","arguments":{"n":7}}}', "fail", 1 },
  { "a defect of a tool", CALL .. '{"name":"broken"}}', -32603, 1 },
  { "a prompt without a name", '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{}}', -32602, 1 },
  { "an unknown prompt", '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"x"}}', -32602, 1 },
  { "a prompt's argument that is a number", '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":'
    .. '{"name":"tcp_security_analysis","arguments":{"pcap_file":7}}}', -32602, 1 },
  { "discover without a version", '{"jsonrpc":"2.0","id":1,"method":"server/discover"}', -32602, 1 },
  { "a version that is a number", '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":'
    .. '{"io.modelcontextprotocol/protocolVersion":7}}}', -32602, 1 },
  { "a version from the past, before all else", '{"jsonrpc":"2.0","id":1,"method":"nonsense","params":{"_meta":'
    .. '{"io.modelcontextprotocol/protocolVersion":"1900-01-01"}}}', -32022, 1 },
  { "a legacy version as modern", '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":'
    .. '{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}}}', -32022, 1 },
  { "modern without capabilities", '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":'
    .. '{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}', -32602, 1 },
  { "modern ping", '{"jsonrpc":"2.0","id":1,"method":"ping","params":{' .. MODERN_META .. "}}", -32601, 1 },
  { "modern initialize", '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
    .. MODERN_META .. "}}", -32601, 1 },
  { "modern, unknown log level", '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":'
    .. '{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},'
    .. '"io.modelcontextprotocol/logLevel":"loud"}}}', -32602, 1 },
  { "unknown fields", '{"jsonrpc":"2.0","id":1,"method":"ping","extra":[1],"params":{"x":1}}', "ok", 1 },
  { "the same key twice", '{"jsonrpc":"2.0","id":5,"id":1,"method":"ping"}', "ok", 1 },
}

describe("hostile messages", function()
  for _, case in ipairs(HOSTILE) do
    it(case[1], function()
      local peer = service():peer()
      local text = peer:handle(case[2])
      if case[3] == nil then
        assert.is_nil(text)
      else
        assert.truthy(#text < 8192)
        assert.falsy(text:find("[%c\128-\255]"))
        local reply = assert(json.decode(text))
        assert.equal("2.0", reply.jsonrpc)
        if type(case[3]) == "number" then
          assert.equal(case[3], reply.error and reply.error.code)
          assert.is_string(reply.error.message)
          assert.is_nil(reply.result)
        else
          assert.equal(case[3] == "fail" or nil, reply.result.isError)
        end
        assert.equal(case[4] or nil, reply.id)
      end
      assert.equal('{"jsonrpc":"2.0","id":"next","result":{}}', peer:handle(request("ping", nil, "next")))
    end)
  end

  it("does not tell a client about the inside", function()
    local text = service():peer():handle(CALL .. '{"name":"broken"}}')
    assert.falsy(text:find("secret", 1, true))
    assert.truthy(defects[1]:find("secret detail", 1, true))
  end)
end)

-- -------------------------------------------------------------------- envelope

describe("an id", function()
  for _, id in ipairs { "0", "-1", "7", '"7"', '""', '"\195\164"', "9007199254740991", '"a\\"b\\\\"',
    "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "18446744073709551615", "-18446744073709551616", ("12345678901234567890"):rep(20), "1.0", "1e2", "-0" } do
    it("comes back as it was: " .. id, function()
      local text = service():peer():handle('{"jsonrpc":"2.0","id":' .. id .. ',"method":"ping"}')
      assert.equal('{"jsonrpc":"2.0","id":' .. id .. ',"result":{}}', text)
      text = service():peer():handle('{"jsonrpc":"2.0","id":' .. id .. ',"method":"none"}')
      assert.truthy(text:find('"id":' .. id .. ',"error":{"code":-32601', 1, true), text)
    end)
  end

  it("of many digits is its own, and names its request in a cancel", function()
    local peer = service():peer()
    local _, call = peer:receive('{"jsonrpc":"2.0","id":18446744073709551615,"method":"tools/call",'
      .. '"params":{"name":"slow"}}')
    call:step()
    assert.equal(-32600, reply_of(peer, '{"jsonrpc":"2.0","id":18446744073709551615,"method":"ping"}').error.code)
    assert.truthy(reply_of(peer, '{"jsonrpc":"2.0","id":18446744073709551614,"method":"ping"}').result)
    for _, other in ipairs { "18446744073709551614", "18446744073709551616", '"18446744073709551615"' } do
      peer:receive('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":' .. other .. "}}")
      assert.same({}, log)
    end
    peer:receive '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":18446744073709551615}}'
    assert.same({ "closed" }, log)
    assert.same({}, peer.calls)
  end)

  it("stands beside its like in a batch", function()
    local peer = service():peer("2025-03-26")
    local reply = peer:handle('[{"jsonrpc":"2.0","id":18446744073709551615,"method":"ping"},'
      .. '{"jsonrpc":"2.0","id":18446744073709551614,"method":"ping"}]')
    assert.equal('[{"jsonrpc":"2.0","id":18446744073709551615,"result":{}},'
      .. '{"jsonrpc":"2.0","id":18446744073709551614,"result":{}}]', reply)
  end)
end)

describe("the legacy era", function()
  for _, version in ipairs(mcp.legacy_versions) do
    it("agrees on " .. version, function()
      local result = reply_of(service():peer(), request("initialize", { protocolVersion = version })).result
      assert.equal(version, result.protocolVersion)
      assert.equal("mcpcap", result.serverInfo.name)
      assert.is_string(result.instructions)
      assert.is_nil(result.resultType)
    end)
  end

  it("offers its latest version for one that it does not know", function()
    for _, version in ipairs { "1999-01-01", "2026-07-28", "x", "" } do
      local result = reply_of(service():peer(), request("initialize", { protocolVersion = version })).result
      assert.equal("2025-11-25", result.protocolVersion)
    end
  end)

  it("answers before the handshake, and after a second one", function()
    local peer = service():peer()
    assert.truthy(reply_of(peer, request "tools/list").result.tools)
    peer:handle(request("initialize", { protocolVersion = "2024-11-05" }))
    peer:handle(request("initialize", { protocolVersion = "2025-06-18" }))
    assert.truthy(reply_of(peer, request "prompts/list").result.prompts)
  end)

  it("writes capabilities as objects and empty lists as lists", function()
    local text = service { prompts = {} }:peer():handle(request("initialize", { protocolVersion = "2025-11-25" }))
    assert.truthy(text:find('"capabilities":{"prompts":{},"tools":{}}', 1, true))
    assert.truthy(service { prompts = {} }:peer():handle(request "prompts/list"):find('"prompts":[]', 1, true))
  end)

  it("answers batches after a handshake of the one version that has them", function()
    local peer = service():peer()
    peer:handle(request("initialize", { protocolVersion = "2025-03-26" }))
    local reply = reply_of(peer, "[" .. request("ping", nil, 1) .. ',{"jsonrpc":"2.0","method":"notifications/x"},'
      .. request("tools/call", { name = "slow" }, 2) .. "," .. request("nonsense", nil, 3) .. ",7,"
      .. request("initialize", { protocolVersion = "2025-03-26" }, 4) .. "]")
    local seen = {}
    for _, one in ipairs(reply) do
      seen[one.id or "none"] = one.error and one.error.code or "result"
    end
    assert.same({ [1] = "result", [2] = "result", [3] = -32601, [4] = -32600, none = -32600 }, seen)
    assert.is_nil(peer:handle('[{"jsonrpc":"2.0","method":"notifications/x"}]'))
    assert.equal(-32600, reply_of(peer, "[]").error.code)
  end)

  it("sends nothing for a batch whose only call is cancelled", function()
    local peer = service():peer("2025-03-26")
    local _, call = peer:receive("[" .. request("tools/call", { name = "slow" }, 2) .. "]")
    assert.equal("more", call:step())
    peer:receive '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}'
    assert.equal("done", call:step())
    assert.is_nil(call.reply)
  end)
end)

describe("the modern era", function()
  local function check(result)
    assert.equal("complete", result.resultType)
    assert.equal("mcpcap", result._meta["io.modelcontextprotocol/serverInfo"].name)
  end

  it("discovers, without a handshake and on any peer", function()
    local result = reply_of(service():peer(), modern "server/discover").result
    check(result)
    assert.same({ "2026-07-28" }, { result.supportedVersions[1] })
    assert.equal(3600000, result.ttlMs)
    assert.equal("public", result.cacheScope)
    assert.is_nil(result.serverInfo)
  end)

  it("gives every list its lifetime, and no call or prompt one", function()
    local peer = service { resources = RESOURCES }:peer()
    for _, method in ipairs { "tools/list", "prompts/list", "resources/list", "resources/templates/list" } do
      local result = reply_of(peer, modern(method)).result
      check(result)
      assert.equal(3600000, result.ttlMs)
      assert.is_nil(result.nextCursor)
    end
    local result = reply_of(peer, modern("prompts/get", { name = "tcp_security_analysis" })).result
    check(result)
    assert.is_nil(result.ttlMs)
    result = reply_of(peer, modern("tools/call", { name = "slow" })).result
    check(result)
    assert.is_nil(result.ttlMs)
    result = reply_of(peer, modern("tools/call", { name = "strict" })).result
    check(result)
    assert.is_true(result.isError)
  end)

  it("says which versions it has when it has not the one asked for", function()
    local reply = reply_of(service():peer(), request("tools/call", { _meta = meta { [VERSION] = "2030-01-01" } }))
    assert.equal(-32022, reply.error.code)
    assert.equal("2026-07-28", reply.error.data.supported[1])
    assert.equal("2030-01-01", reply.error.data.requested)
  end)

  it("lives beside the other era in one process", function()
    local peer = service():peer()
    peer:handle(request("initialize", { protocolVersion = "2024-11-05" }))
    assert.equal("complete", reply_of(peer, modern "tools/list").result.resultType)
    assert.is_nil(reply_of(peer, request "tools/list").result.resultType)
  end)

  it("gives the same bytes each time", function()
    assert.equal(service():peer():handle(modern "tools/list"), service():peer():handle(modern "tools/list"))
  end)
end)

describe("resources", function()
  local peer

  before_each(function()
    peer = service { resources = RESOURCES }:peer()
  end)

  it("are declared, listed and read", function()
    assert.truthy(reply_of(peer, request("initialize", { protocolVersion = "x" })).result.capabilities.resources)
    assert.equal("test://one", reply_of(peer, request "resources/list").result.resources[1].uri)
    assert.is_nil(reply_of(peer, request "resources/list").result.resources[1].read)
    assert.truthy(peer:handle(request "resources/templates/list"):find('"resourceTemplates":[]', 1, true))
    local result = reply_of(peer, request("resources/read", { uri = "test://one" })).result
    assert.equal("text of one", result.contents[1].text)
    assert.equal("public", reply_of(peer, modern("resources/read", { uri = "test://one" })).result.cacheScope)
  end)

  it("that are unknown have another code in each era", function()
    assert.equal(-32002, reply_of(peer, request("resources/read", { uri = "x" })).error.code)
    local reply = reply_of(peer, modern("resources/read", { uri = "x" }))
    assert.equal(-32602, reply.error.code)
    assert.equal("x", reply.error.data.uri)
  end)
end)

-- ----------------------------------------------------------------------- calls

describe("a call", function()
  it("is worked off in steps, and closes what it held", function()
    local reply, call = service():peer():receive(request("tools/call", { name = "slow" }, "a"))
    assert.is_nil(reply)
    local states = {}
    repeat
      states[#states + 1] = call:step()
    until states[#states] == "done"
    assert.same({ "more", "more", "idle", "more", "more", "done" }, states)
    assert.equal("at last", json.decode(call.reply).result.content[1].text)
    assert.same({ "closed" }, log)
    assert.equal("done", call:step())
  end)

  it("does nothing before its first step", function()
    service():peer():receive(request("tools/call", { name = "slow" }))
    assert.same({}, log)
  end)

  it("is cancelled by its id and its type, at once and without a reply", function()
    local peer = service():peer()
    local _, call = peer:receive(request("tools/call", { name = "slow", _meta = { progressToken = 1 } }, 1))
    call:step()
    peer:receive '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"1"}}'
    assert.same({}, log)
    peer:receive '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"x"}}'
    assert.same({ "closed" }, log)
    assert.equal("done", call:step())
    assert.is_nil(call.reply)
    assert.is_nil(call:progress(100))
    assert.same({}, peer.calls)
  end)

  it("keeps its id until it is answered", function()
    local peer = service():peer()
    local _, call = peer:receive(request("tools/call", { name = "slow" }, 1))
    assert.equal(-32600, reply_of(peer, request("ping", nil, 1)).error.code)
    assert.truthy(reply_of(peer, request("ping", nil, "1")).result)
    repeat until call:step() == "done"
    assert.truthy(reply_of(peer, request("ping", nil, 1)).result)
  end)

  it("runs beside others", function()
    local peer = service():peer()
    local _, a = peer:receive(request("tools/call", { name = "slow" }, 1))
    local _, b = peer:receive(request("tools/call", { name = "slow" }, 2))
    a:step()
    repeat until b:step() == "done"
    assert.equal(2, json.decode(b.reply).id)
    repeat until a:step() == "done"
    assert.equal(1, json.decode(a.reply).id)
  end)

  it("can be refused by its host", function()
    local _, call = service():peer():receive(request("tools/call", { name = "slow" }))
    call:refuse("busy")
    local result = json.decode(call.reply).result
    assert.is_true(result.isError)
    assert.equal("busy", result.content[1].text)
  end)

  it("ends with its peer", function()
    local peer = service():peer()
    local _, call = peer:receive(request("tools/call", { name = "slow" }))
    call:step()
    peer:close()
    assert.same({ "closed" }, log)
    assert.is_nil(call.reply)
  end)
end)

describe("progress", function()
  local function notes(token)
    local list, clock = {}, 0
    service():peer():handle(request("tools/call", { name = "slow", _meta = { progressToken = token } }), function(text)
      list[#list + 1] = json.decode(text)
    end, function()
      clock = clock + 1
      return clock
    end)
    return list
  end

  it("comes only when asked for, with the token as it was", function()
    assert.equal(0, #notes(nil))
    assert.equal(0, #notes(json.null))
    assert.equal("t", notes("t")[1].params.progressToken)
    assert.equal(7, notes(7)[1].params.progressToken)
  end)

  it("gives a token of many digits back as it was written", function()
    local token = "18446744073709551617"
    local _, call = service():peer():receive(CALL .. '{"name":"slow","_meta":{"progressToken":' .. token .. "}}}")
    call:step()
    assert.truthy(call:progress(10):find('"progressToken":' .. token .. "[,}]"))
  end)

  it("is refused with a token that is none, as nobody would hear of it", function()
    for _, token in ipairs { "true", "false", "{}", "[]", "[1]", "1.5", "1e300" } do
      for _, method in ipairs { "tools/call", "ping", "tools/list" } do
        local reply = reply_of(service():peer(), '{"jsonrpc":"2.0","id":1,"method":"' .. method
          .. '","params":{"name":"slow","_meta":{"progressToken":' .. token .. "}}}")
        assert.equal(-32602, reply.error and reply.error.code, method .. " " .. token)
        assert.equal(1, reply.id)
        assert.truthy(reply.error.message:find("progressToken", 1, true))
      end
    end
  end)

  it("grows from one to the next, and has no id", function()
    local last = -1
    for _, note in ipairs(notes("t")) do
      assert.is_nil(note.id)
      assert.equal("notifications/progress", note.method)
      assert.truthy(note.params.progress > last)
      assert.truthy(note.params.total >= note.params.progress)
      last = note.params.progress
    end
    assert.equal(50, last)
  end)

  it("is rare", function()
    local _, call = service():peer():receive(request("tools/call", { name = "slow", _meta = { progressToken = 1 } }))
    call:step()
    assert.is_string(call:progress(10))
    call:step()
    assert.is_nil(call:progress(10.1))
    assert.is_string(call:progress(10.3))
    assert.is_nil(call:progress(11))
  end)
end)
