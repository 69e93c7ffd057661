local http = require "mcpcap.mcp.http"
local json = require "mcpcap.json"
local mcp = require "mcpcap.mcp"

local VERSION, CAPABILITIES = "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientCapabilities"

local TOOLS = {
  {
    name = "slow", title = "t", description = "d", inputSchema = { type = "object" },
    handler = function(_, context)
      context.pause(1, 10)
      context.pause(2, 10)
      return { structured = json.object(), texts = { "at last" } }
    end,
  },
}

local service = mcp.new { tools = TOOLS }

local function headers(more)
  local h = {
    host = "127.0.0.1:8080", ["content-type"] = "application/json; charset=utf-8",
    accept = "application/json, text/event-stream",
  }
  for name, value in pairs(more or {}) do
    h[name] = value or nil
  end
  return h
end

local function post(message, more, policy)
  local body = type(message) == "string" and message or json.encode(message)
  local answer = http.accept(service, { method = "POST", headers = headers(more), body = body }, policy)
  if answer.body and answer.body ~= "" then
    answer.json = assert(json.decode(answer.body))
  end
  return answer
end

local function legacy(method, params)
  return { jsonrpc = "2.0", id = 1, method = method, params = params }
end

local function modern(method, params, version)
  params = params or {}
  params._meta = params._meta or {}
  params._meta[VERSION] = params._meta[VERSION] or version or "2026-07-28"
  params._meta[CAPABILITIES] = params._meta[CAPABILITIES] or json.object()
  return { jsonrpc = "2.0", id = 1, method = method, params = params }
end

local function mirrors(method, name, version)
  return { ["Mcp-Protocol-Version"] = version or "2026-07-28", ["Mcp-Method"] = method, ["Mcp-Name"] = name }
end

describe("a header", function()
  it("is found without regard to case, trimmed, and counted", function()
    assert.equal("x", (http.header({ ["X-Some"] = " \tx " }, "x-sOME")))
    assert.same({ "a", 2 }, { http.header({ ["x-some"] = { "a", "b" } }, "X-Some") })
    assert.is_nil((http.header({}, "X-Some")))
  end)

  it("may hide a name in base64", function()
    assert.equal("", http.base64 "")
    assert.equal("f", http.base64 "Zg==")
    assert.equal("foobar", http.base64 "Zm9vYmFy")
    assert.equal("\255\0\254", http.base64 "/wD+")
    for _, text in ipairs { "Z", "Zg=", "Zg", "Z===", "Zm9v!mFy", "=Zg=" } do
      assert.is_nil(http.base64(text))
    end
  end)
end)

describe("a welcome", function()
  local function welcome(host, origin, policy)
    return http.is_welcome({ Host = host, Origin = origin }, policy)
  end

  it("is given to this machine, by any port and name", function()
    for _, host in ipairs { "localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:80", "[::1]" } do
      assert.is_true(welcome(host))
      assert.is_true(welcome(host, "http://localhost:3000"))
    end
  end)

  it("is not given to strangers", function()
    for _, host in ipairs { "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "x@localhost" } do
      assert.is_false(welcome(host))
    end
    assert.is_false(http.is_welcome({}))
    for _, origin in ipairs { "http://evil.example", "null", "file://", "http://localhost.evil.example",
      "x://localhost" } do
      assert.is_false(welcome("localhost", origin))
    end
  end)

  it("is the operator's to widen", function()
    assert.is_true(welcome("mcp.example", nil, { hosts = { "mcp.example" } }))
    assert.is_true(welcome("mcp.example:443", "https://MCP.example", { hosts = { "mcp.example" } }))
    assert.is_false(welcome("localhost", nil, { hosts = { "mcp.example" } }))
    assert.is_true(welcome("anything", nil, { hosts = false }))
    assert.is_false(welcome("anything", "http://page.example", { hosts = false }))
    assert.is_true(welcome("localhost", "https://page.example", { origins = { "https://page.example" } }))
  end)
end)

describe("a request", function()
  local function status(message, more, policy)
    local answer = post(message, more, policy)
    return answer.status, answer.json and answer.json.error and answer.json.error.code
  end

  it("is refused before it is read when it is not for us", function()
    assert.same({ 403, -32600 }, { status(legacy "ping", { host = "evil.example" }) })
    assert.same({ 403, -32600 }, { status(legacy "ping", { origin = "http://evil.example" }) })
    assert.same({ 415, -32600 }, { status(legacy "ping", { ["content-type"] = "text/plain" }) })
    assert.same({ 413, -32600 }, { status(legacy "ping", nil, { max_body = 10 }) })
    assert.same({ 413, -32700 }, { status("[" .. ("1,"):rep(100000) .. "1]") })
    for _, method in ipairs { "GET", "DELETE", "PUT", "OPTIONS", "HEAD" } do
      local answer = http.accept(service, { method = method, headers = headers(), body = "" })
      assert.equal(405, answer.status)
      assert.equal("POST", answer.headers.Allow)
      assert.equal("", answer.body)
    end
  end)

  it("that is none is a bad one", function()
    assert.same({ 400, -32700 }, { status "{" })
    assert.same({ 400, -32700 }, { status "" })
    for _, text in ipairs { "7", "null", '"x"', "{}", "[]", '{"jsonrpc":"2.0","id":null,"method":"ping"}' } do
      assert.same({ 400, -32600 }, { status(text) })
    end
    assert.same({ 400, -32600 }, { status("[" .. json.encode(legacy "ping") .. "]",
      { ["mcp-protocol-version"] = "2025-06-18" }) })
  end)

  it("has the status of its outcome in the modern era", function()
    assert.same({ 200 }, { status(modern "tools/list", mirrors "tools/list") })
    assert.same({ 404, -32601 }, { status(modern "nonsense", mirrors "nonsense") })
    assert.same({ 404, -32601 }, { status(modern "ping", mirrors "ping") })
    assert.same({ 200, -32602 }, { status(modern("tools/call", { name = "x" }), mirrors("tools/call", "x")) })
    assert.same({ 400, -32022 }, { status(modern("tools/list", nil, "1900-01-01"),
      mirrors("tools/list", nil, "1900-01-01")) })
    local bad = modern "tools/list"
    bad.params._meta[CAPABILITIES] = 7
    assert.same({ 400, -32602 }, { status(bad, mirrors "tools/list") })
    assert.same({ 400, -32602 }, { status(legacy "tools/list", mirrors "tools/list") })
    assert.same({ 202 }, { status({ jsonrpc = "2.0", method = "notifications/cancelled",
      params = { requestId = 1 } }, mirrors "notifications/cancelled") })
    assert.same({ 400, -32600 }, { status({ jsonrpc = "2.0", id = 1, result = json.object() }, mirrors "") })
  end)

  it("must say the same in its headers and its body", function()
    local call = modern("tools/call", { name = "slow" })
    for _, wrong in ipairs {
      { ["Mcp-Method"] = false }, { ["Mcp-Name"] = false }, { ["Mcp-Protocol-Version"] = false },
      { ["Mcp-Method"] = "tools/list" }, { ["Mcp-Name"] = "Slow" }, { ["Mcp-Protocol-Version"] = "2025-11-25" },
      { ["Mcp-Name"] = "=?base64?!?=" }, { ["Mcp-Name"] = { "slow", "slow" } },
    } do
      local h = mirrors("tools/call", "slow")
      for name, value in pairs(wrong) do
        h[name] = value
      end
      local answer = post(call, h)
      assert.equal(400, answer.status)
      assert.equal(-32020, answer.json.error.code)
      assert.equal(1, answer.json.id)
    end
    assert.truthy(post(call, mirrors("tools/call", " slow ")).call)
    assert.truthy(post(call, mirrors("tools/call", "=?base64?c2xvdw==?=")).call)
  end)

  it("of the older era needs no headers, but right ones", function()
    assert.same({ 200 }, { status(legacy "ping") })
    assert.same({ 200 }, { status(legacy "ping", { ["mcp-protocol-version"] = "2025-11-25" }) })
    assert.same({ 400, -32600 }, { status(legacy "ping", { ["mcp-protocol-version"] = "1900-01-01" }) })
    assert.same({ 200, -32601 }, { status(legacy "nonsense") })
    assert.same({ 202 }, { status { jsonrpc = "2.0", method = "notifications/initialized" } })
    assert.same({ 202 }, { status { jsonrpc = "2.0", id = 1, result = json.object() } })
    local answer = post(legacy("initialize", { protocolVersion = "2025-11-25" }))
    assert.equal(200, answer.status)
    assert.equal("2025-11-25", answer.json.result.protocolVersion)
    assert.is_nil(answer.headers["Mcp-Session-Id"])
    -- Without the header the version is 2025-03-26, which has batches.
    assert.same({ 200 }, { status("[" .. json.encode(legacy "ping") .. "]") })
  end)
end)

describe("a call", function()
  local function run(answer)
    local out, clock = {}, 0
    repeat
      clock = clock + 1
      out[#out + 1] = answer:progress(clock)
    until answer.call:step() == "done"
    out[#out + 1] = answer:last()
    return out
  end

  it("is answered in JSON when no progress is wanted", function()
    local answer = post(modern("tools/call", { name = "slow" }), mirrors("tools/call", "slow"))
    assert.is_false(answer.is_stream)
    assert.is_true(answer.is_modern)
    assert.equal("application/json", answer.headers["Content-Type"])
    local out = run(answer)
    assert.equal(1, #out)
    assert.equal("complete", json.decode(out[1]).result.resultType)
  end)

  it("is a stream of progress and one answer when it is wanted and can be taken", function()
    local message = modern("tools/call", { name = "slow", _meta = { progressToken = "p" } })
    local answer = post(message, mirrors("tools/call", "slow"))
    assert.is_true(answer.is_stream)
    assert.equal("text/event-stream", answer.headers["Content-Type"])
    local out = run(answer)
    assert.equal(4, #out)
    for i, event in ipairs(out) do
      local text = event:match("^data: ([^\n]*)\n\n$")
      assert.equal(i == 4 and 1 or nil, json.decode(text).id)
    end
    local h = mirrors("tools/call", "slow")
    h.accept = "application/json"
    assert.is_false(post(message, h).is_stream)
  end)

  it("has its id as it was written, and none that is no id", function()
    local id = "18446744073709551615"
    local message = modern("tools/call", { name = "slow" })
    message.id = json.number(id)
    assert.truthy(run(post(message, mirrors("tools/call", "slow")))[1]:find('"id":' .. id .. ",", 1, true))
    local refused = post(message, mirrors("tools/call", "other"))
    assert.equal(400, refused.status)
    assert.truthy(refused.body:find('"id":' .. id .. ',"error":{"code":-32020', 1, true), refused.body)
    for _, wrong in ipairs { json.object(), json.array { 1 }, true, 1.5 } do
      message.id = wrong
      refused = post(message, mirrors("tools/call", "other"))
      assert.equal(400, refused.status)
      assert.is_nil(json.decode(refused.body).id)
      assert.equal(-32600, json.decode(refused.body).error.code)
    end
  end)

  it("is a stream for a token of many digits too", function()
    local token = json.number "18446744073709551615"
    local message = modern("tools/call", { name = "slow", _meta = { progressToken = token } })
    local answer = post(message, mirrors("tools/call", "slow"))
    assert.is_true(answer.is_stream)
    assert.truthy(run(answer)[1]:find('"progressToken":18446744073709551615', 1, true))
  end)

  it("is nothing more after a cancel", function()
    local answer = post(modern("tools/call", { name = "slow" }), mirrors("tools/call", "slow"))
    answer.call:step()
    answer.call:cancel()
    assert.equal("", answer:last())
  end)

  it("of the older era outlives its connection", function()
    assert.is_false(post(legacy("tools/call", { name = "slow" })).is_modern)
  end)
end)
