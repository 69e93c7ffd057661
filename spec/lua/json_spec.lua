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

  it("writes what is equal as it would stand alone", function()
    local values = { 0, -0.0, 7, 7.0, 1e15, 2 ^ 53, 9.21e18, -9.21e18, 2 ^ 63, 0.1 }
    if rawget(math, "type") then -- 9.21e18 is written otherwise than the integer
      values[#values + 1] = math.floor(9.21e18)
      values[#values + 1] = -math.floor(9.21e18)
    end
    for _, first in ipairs(values) do
      for _, second in ipairs(values) do
        assert.equal(("[%s,%s]"):format(json.encode(first), json.encode(second)), json.encode { first, second })
      end
    end
  end)

  it("writes printable ASCII as it is", function()
    for byte = 32, 126 do
      local c = string.char(byte)
      local written = (c == '"' or c == "\\") and "\\" .. c or c
      assert.equal('"a' .. written .. 'b"', json.encode("a" .. c .. "b"))
    end
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

-- Values of every kind, by a generator of our own: the same on every Lua.
local function random_text(state)
  local function roll(n)
    state.seed = (state.seed * 1103 + 12345) % 65521
    return state.seed % n + 1
  end
  local SPACE = { "", "", " ", "\n", "\t \r" }
  local STRINGS = { "", "a", "\\n\\t\\b\\f\\r", "\\\"\\\\\\/",
    "\\u0041\\u00e9\\u20ac\\ud83d\\ude80", "\195\169 \240\159\154\128",
    "\127", "\\u0000", "{[,:]}" }
  local NUMBERS = { "0", "-0", "7", "-12", "0.5", "1e3", "1.25E-2", "9007199254740991", "123456789012345678901234",
    "1E+2" }
  local function value(depth)
    local kind = roll(depth > 4 and 4 or 6)
    local text
    if kind == 1 then
      text = NUMBERS[roll(#NUMBERS)]
    elseif kind == 2 then
      text = '"' .. STRINGS[roll(#STRINGS)] .. '"'
    elseif kind == 3 then
      text = roll(2) == 1 and "true" or "false"
    elseif kind == 4 then
      text = "null"
    else
      local items = {}
      for i = 1, roll(5) - 1 do
        items[i] = value(depth + 1)
        if kind == 6 then
          items[i] = ('%s"%s%d"%s:%s'):format(SPACE[roll(#SPACE)], STRINGS[roll(#STRINGS)], i, SPACE[roll(#SPACE)],
            items[i])
        end
      end
      local inner = table.concat(items, ",")
      text = kind == 5 and "[" .. inner .. SPACE[roll(#SPACE)] .. "]" or "{" .. inner .. SPACE[roll(#SPACE)] .. "}"
    end
    return SPACE[roll(#SPACE)] .. text .. SPACE[roll(#SPACE)]
  end
  return value(1)
end

describe("the words of numbers", function()
  it("are kept where writing would choose others", function()
    local sources = {}
    local text = [[{"a":1.0,"b":[1,2e0,18446744073709551616,-0],"c":12345678901,"d":0.5,"a2":"1.0"}]]
    local value = json.decode(text, sources)
    assert.same({ a = "1.0" }, sources[value])
    assert.same({ [2] = "2e0", [3] = "18446744073709551616", [4] = "-0" }, sources[value.b])
  end)

  it("are those of the last of a key's values", function()
    local sources = {}
    local value = json.decode('{"a":1.0,"a":1,"b":1,"b":1.0,"c":1.0,"c":"x"}', sources)
    assert.same({ b = "1.0" }, sources[value])
  end)

  it("are written as they were", function()
    local number = json.number "18446744073709551616"
    assert.is_true(json.is_number(number))
    assert.is_false(json.is_number(json.null))
    assert.is_false(json.is_number(7))
    assert.is_false(json.is_array(number))
    assert.equal('{"a":18446744073709551616,"b":[1e2]}', json.encode { a = number, b = { json.number "1e2" } })
  end)
end)

-- The value of a library with its null replaced by ours.
local function adopted(value, null)
  if value == null then
    return json.null
  elseif type(value) ~= "table" then
    return value
  end
  local out = {}
  for key, item in pairs(value) do
    out[key] = adopted(item, null)
  end
  return out
end

describe("json.decode reads what a library reads:", function()
  for _, name in ipairs { "dkjson", "cjson" } do
    it(name, function()
      local found, library = pcall(require, name)
      if not found then
        pending(name .. " is not installed")
        return
      end
      local null = name == "cjson" and library.null or json.null
      local state = { seed = 17 }
      for _ = 1, 2000 do
        local text = random_text(state)
        local theirs
        if name == "cjson" then
          theirs = library.decode(text)
        else
          theirs = library.decode(text, 1, null)
        end
        local ours, message = json.decode(text)
        assert.is_nil(message, text)
        assert.same(adopted(theirs, null), adopted(ours, json.null), text)
        -- anything less is refused
        local cut = text:gsub("%s+$", ""):sub(1, -2)
        assert.is_true(json.decode(cut) == nil or cut:find("^%s*%-?[%d.eE+-]+$") ~= nil, cut)
      end
    end)
  end
end)
