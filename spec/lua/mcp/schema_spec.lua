local json = require "mcpcap.json"
local schema = require "mcpcap.mcp.schema"

local function complaint(value, rule)
  local fits, list = schema.check(value, rule, "x")
  return fits or table.concat(list, "; ")
end

local PORT = { type = "integer", minimum = 1, maximum = 65535 }

describe("mcpcap.mcp.schema", function()
  it("knows an integer by its value, not by its spelling", function()
    assert.is_true(complaint(80, PORT))
    assert.is_true(complaint(json.decode("80.0"), PORT))
    assert.equal("x: an integer from 1 to 65535 expected, got 80.5", complaint(80.5, PORT))
    assert.equal('x: an integer from 1 to 65535 expected, got "80"', complaint("80", PORT))
    assert.equal("x: an integer from 1 to 65535 expected, got true", complaint(true, PORT))
    assert.equal("x: an integer from 1 to 65535 expected, got 0", complaint(0, PORT))
    assert.equal("x: an integer from 1 to 65535 expected, got 65536", complaint(65536, PORT))
    assert.equal("x: an integer from 1 to 65535 expected, got 1e+300", complaint(1e300, PORT))
  end)

  it("does not take null, NaN or infinity for a number", function()
    assert.equal("x: a number expected, got null", complaint(json.null, { type = "number" }))
    assert.truthy(complaint(0 / 0, { type = "number" }):find("a number expected", 1, true))
    assert.truthy(complaint(math.huge, { type = "number" }):find("a number expected", 1, true))
  end)

  it("tells lists, objects and the empty ones apart", function()
    assert.is_true(complaint(json.array(), { type = "array" }))
    assert.is_true(complaint(json.object(), { type = "object" }))
    assert.is_true(complaint({}, { type = "object" }))
    assert.is_true(complaint({}, { type = "array" }))
    assert.equal("x: a list expected, got an object", complaint(json.object(), { type = "array" }))
    assert.equal("x: an object expected, got an array", complaint(json.array(), { type = "object" }))
    assert.equal("x[2]: an integer from 1 to 65535 expected, got 0",
      complaint({ 1, 0 }, { type = "array", items = PORT }))
    assert.equal("x: 2 items are too many (at most 1)", complaint({ 1, 2 }, { type = "array", maxItems = 1 }))
    assert.equal("x: at least 1 items expected", complaint(json.array(), { type = "array", minItems = 1 }))
  end)

  it("names what is missing and what is unknown, each once, sorted", function()
    local rule = {
      type = "object", properties = { a = PORT, b = PORT }, required = { "a" }, additionalProperties = false,
    }
    assert.is_true(complaint({ a = 1 }, rule))
    assert.equal("x.a: is missing; x.c: is not known here (known: a, b); x.d: is not known here (known: a, b)",
      complaint({ c = 1, d = 1 }, rule))
  end)

  it("checks additional properties, lengths, lists of values and constants", function()
    assert.equal("x.k: an integer from 1 to 65535 expected, got 0",
      complaint({ k = 0 }, { type = "object", additionalProperties = PORT }))
    assert.equal("x: must not be empty", complaint("", { type = "string", minLength = 1 }))
    assert.equal("x: 3 characters are too many (at most 2)",
      complaint("\195\164bc", { type = "string", maxLength = 2 }))
    assert.equal('x: one of "a", "b" expected, got "c"', complaint("c", { type = "string", enum = { "a", "b" } }))
    assert.equal("x: a number above 0 expected, got 0", complaint(0, { type = "number", exclusiveMinimum = 0 }))
    assert.is_true(complaint(json.null, { type = { "number", "null" } }))
    assert.is_string(complaint(2, { const = 1 }))
  end)

  it("shows what it was given short and harmless", function()
    local text = complaint("\27[2J" .. ("z"):rep(10000), { type = "integer" })
    assert.truthy(#text < 200)
    assert.falsy(text:find("\27", 1, true))
    local many = {}
    for i = 1, 1000 do
      many["k" .. i] = 1
    end
    local _, list = schema.check(many, { type = "object", properties = {}, additionalProperties = false })
    assert.equal(9, #list)
    assert.equal("and 992 more", list[9])
  end)
end)
