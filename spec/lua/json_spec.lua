local json = require "mcpcap.json"

describe("json.encode", function()
  it("sorts keys, known ones first", function()
    assert.equal('{"a":1,"b":2,"c":3}', json.encode { c = 3, a = 1, b = 2 })
    assert.equal('{"c":3,"b":2,"a":1,"d":4}',
      json.encode({ a = 1, b = 2, c = 3, d = 4 }, { order = { "c", "b" } }))
  end)

  it("gives the same bytes whatever the order of insertion", function()
    local one, two = {}, {}
    for i = 1, 200 do
      one["key" .. i] = i
      two["key" .. (201 - i)] = 201 - i
    end
    assert.equal(json.encode(one), json.encode(two))
  end)

  it("writes integral numbers without a fraction on every Lua", function()
    assert.equal("1", json.encode(1.0))
    assert.equal("0", json.encode(-0.0))
    assert.equal("-3", json.encode(-6 / 2))
    assert.equal("2147483648", json.encode(2 ^ 31))
    assert.equal("9007199254740992", json.encode(2 ^ 53))
    assert.equal("123456789012", json.encode(123456789012))
  end)

  it("writes the shortest fraction that reads back", function()
    assert.equal("0.1", json.encode(0.1))
    assert.equal("0.3333333333333333", json.encode(1 / 3))
    assert.equal("1234567.891", json.encode(1234567.891))
    assert.equal(1 / 7, json.decode(json.encode(1 / 7)))
  end)

  it("never writes NaN or infinity", function()
    assert.equal("[null,null,null]", json.encode { 0 / 0, math.huge, -math.huge })
  end)

  it("tells the empty list from the empty object", function()
    assert.equal('{"list":[],"object":{},"plain":{}}',
      json.encode { list = json.array(), object = json.object(), plain = {} })
    assert.equal("[[]]", json.encode { json.array {} })
    assert.equal("[null,1]", json.encode { json.null, 1 })
  end)

  it("writes a table with other keys as an object", function()
    assert.equal('{"1":"x","name":"y"}', json.encode { "x", name = "y" })
    assert.equal('{"443":true}', json.encode { [443] = true })
  end)

  it("leaves nothing in a string that acts on a terminal", function()
    local all = {}
    for byte = 0, 255 do
      all[byte + 1] = string.char(byte)
    end
    local text = json.encode(table.concat(all) .. "\226\128\174\243\160\129\129\194\133")
    assert.is_nil(text:find("%c"))
    assert.is_nil(text:find("[\128-\255]"))
    assert.matches("\\u202e\\udb40\\udc41\\u0085", text, 1, true)
    assert.equal([["\"\\/\b\f\n\r\t\u0001\u007f"]], json.encode("\"\\/\b\f\n\r\t\1\127"))
  end)

  it("keeps other scripts readable", function()
    assert.equal('"caf\195\169 \240\159\154\128"', json.encode("caf\195\169 \240\159\154\128"))
  end)

  it("shows a byte that is no text instead of losing it", function()
    assert.equal([["a\\xFFb"]], json.encode("a\255b"))
  end)

  it("indents, with short lists on one line", function()
    assert.equal('{\n  "a": [1, 2],\n  "b": [\n    {\n      "c": null\n    }\n  ],\n  "d": {}\n}',
      json.encode({ a = { 1, 2 }, b = { { c = json.null } }, d = {} }, { indent = true }))
  end)

  it("raises on what JSON does not have", function()
    local loop = {}
    loop.loop = loop
    assert.has_error(function() json.encode(loop) end)
    assert.has_error(function() json.encode { print } end)
    assert.has_error(function() json.encode { [true] = 1 } end)
    assert.has_error(function() json.encode(io.stdout) end)
  end)
end)

describe("json.decode", function()
  it("reads every kind of value", function()
    local value = assert(json.decode(
      ' { "a" : [ 1 , -2.5e2, true , false, null ], "b":{}, "c":"\\u00e9\\ud83d\\ude80\\n\\"" } \r\n'))
    assert.equal(5, #value.a)
    assert.equal(1, value.a[1])
    assert.equal(-250, value.a[2])
    assert.is_true(value.a[3])
    assert.is_false(value.a[4])
    assert.equal(json.null, value.a[5])
    assert.equal("\195\169\240\159\154\128\n\"", value.c)
  end)

  it("remembers which empty table is a list", function()
    assert.equal('{"a":[],"b":{},"c":[[],{}]}', json.encode(json.decode('{"b":{},"a":[],"c":[[],{}]}')))
    assert.is_true(json.is_array(json.decode("[]")))
    assert.is_false(json.is_array(json.decode("{}")))
  end)

  it("reads bare values, also null and false", function()
    assert.equal(json.null, json.decode("null"))
    assert.is_false(json.decode(" false "))
    assert.equal(0, json.decode("0"))
    assert.equal("", json.decode('""'))
  end)

  it("refuses what RFC 8259 does not have, and says where", function()
    local bad = {
      "", " ", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "{", "{,}", '{"a"}', '{"a":}',
      '{"a":1,}', '{"a" 1}', "{a:1}", "{1:2}", '{"a":1 "b":2}', "[}", '{"a":1]', "{}{}", "1 2",
      "01", "-", "+1", ".5", "1.", "1.e3", "1e", "0x10", "NaN", "Infinity", "-Infinity", "nul", "True", "nulll",
      '"', '"a', "'a'", '"\n"', '"\0"', '"\\x41"', '"\\u12"', '"\\u12g4"', '"\\ud800"', '"\\udc00"',
      '"\\ud800\\u0041"', "// x\n1", "/* x */ 1", "\239\187\1911", '"\255"', '"\237\160\128"', "{\"a\":\1:2}",
    }
    for _, text in ipairs(bad) do
      local value, message, code = json.decode(text)
      assert.is_nil(value, text)
      assert.matches(" at byte %d+$", message)
      assert.equal("json", code)
    end
  end)

  it("bounds the depth and survives far more than that", function()
    assert.is_truthy(json.decode(("["):rep(100) .. ("]"):rep(100)))
    assert.is_nil((json.decode(("["):rep(101) .. ("]"):rep(101))))
    local _, message = json.decode(("["):rep(1000000))
    assert.equal("nested too deeply at byte 101", message)
    assert.is_nil((json.decode(('{"a":'):rep(100000))))
  end)

  it("reads a long list in reasonable work", function()
    local text = "[" .. ("123,"):rep(20000) .. "1]"
    assert.equal(20001, #json.decode(text))
  end)

  it("raises on a value that is no string", function()
    assert.has_error(function() json.decode(nil) end)
    assert.has_error(function() json.decode(12) end)
  end)
end)

describe("json with cjson only", function()
  local loaded

  before_each(function()
    loaded = { dkjson = package.loaded.dkjson, json = package.loaded["mcpcap.json"] }
    package.loaded["mcpcap.json"] = nil
    package.loaded.dkjson = nil
    package.preload.dkjson = function() error("not here") end
  end)

  after_each(function()
    package.preload.dkjson = nil
    package.loaded.dkjson = loaded.dkjson
    package.loaded["mcpcap.json"] = loaded.json
  end)

  it("reads the same values", function()
    if not pcall(require, "cjson") then
      pending("cjson is not installed")
      return
    end
    local own = require "mcpcap.json"
    local value = assert(own.decode('{"a":[1,2.5,null,"x"],"b":{"c":null}}'))
    assert.equal(own.null, value.a[3])
    assert.equal(own.null, value.b.c)
    assert.equal('{"a":[1,2.5,null,"x"],"b":{"c":null}}', own.encode(value))
    assert.is_nil((own.decode("[1,]")))
  end)

  it("says that no library is there", function()
    local cjson = package.loaded.cjson
    package.loaded.cjson = nil
    package.preload.cjson = function() error("not here either") end
    local value, message, code = require("mcpcap.json").decode("1")
    package.preload.cjson = nil
    package.loaded.cjson = cjson
    assert.is_nil(value)
    assert.matches("install dkjson", message)
    assert.equal("unsupported", code)
  end)
end)
