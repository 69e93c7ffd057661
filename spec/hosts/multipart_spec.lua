-- The form parser of the nginx example, without nginx.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local multipart = dofile(here .. "../../examples/openresty/lua/mcpcap_nginx/multipart.lua")

local function form(parts, tail)
  local out = {}
  for _, part in ipairs(parts) do
    out[#out + 1] = ("--B\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n%s\r\n%s\r\n"):format(part[1],
      part.file and ("; filename=\"" .. part.file .. "\"") or "", part.headers or "", part[2])
  end
  return table.concat(out) .. (tail or "--B--\r\n")
end

-- Fields, file and outcome when the text comes in pieces of a size.
local function parse(text, size)
  local data = {}
  local parser = multipart.new("B", "capture", function(piece) data[#data + 1] = piece end)
  for at = 1, #text, size do
    local ok, why = parser:feed(text:sub(at, at + size - 1))
    if not ok then
      return nil, why
    end
  end
  return parser, table.concat(data)
end

local BYTES = "\212\195\178\161\r\n--A\r\n--\r\n-\0\255\r\n--"

describe("the form parser", function()
  it("finds fields and the file, however the form is cut", function()
    local text = form { { "server", "192.0.2.80" }, { "capture", BYTES, file = "a b.pcap",
      headers = "Content-Type: application/octet-stream\r\n" }, { "port", "" } }
    for size = 1, #text do
      local parser, data = parse(text, size)
      assert.is_true(parser.complete)
      assert.equal(BYTES, data)
      assert.equal("a b.pcap", parser.file_name)
      assert.same({ server = "192.0.2.80", port = "" }, parser.fields)
    end
  end)

  it("ignores what stands before and behind", function()
    local parser, data = parse("preamble\r\n" .. form { { "capture", "x", file = "f" } } .. "epilogue\r\n--B\r\n", 7)
    assert.is_true(parser.complete)
    assert.equal("x", data)
  end)

  it("notices a form that ends early", function()
    local text = form { { "capture", BYTES, file = "f" } }
    for length = 0, #text - 5 do
      local parser = assert(parse(text:sub(1, length), 11))
      assert.is_false(parser.complete)
    end
  end)

  it("keeps no more in memory than a boundary", function()
    local largest = 0
    local parser = multipart.new("B", "capture", function() end)
    parser:feed "--B\r\nContent-Disposition: form-data; name=\"capture\"; filename=\"f\"\r\n\r\n"
    for _ = 1, 100 do
      parser:feed(("\r\n--"):rep(2500))
      largest = math.max(largest, #parser.rest)
    end
    assert.is_true(largest < 10)
  end)

  it("refuses what is too much or broken", function()
    local function refusal(text)
      local parser, why = parse(text, 1000)
      assert.is_nil(parser)
      return why
    end
    assert.equal("a field is too long", refusal(form { { "server", ("x"):rep(2000) } }))
    local two = form { { "capture", "a", file = "a" }, { "capture", "b", file = "b" } }
    assert.equal("more than one capture", refusal(two))
    assert.equal("headers of a part are too long", refusal("--B\r\n" .. ("x"):rep(10000)))
    assert.equal("a part without a name", refusal("--B\r\nX: y\r\n\r\nz\r\n--B--"))
    assert.equal("a broken boundary", refusal("--Bx\r\n\r\n"))
    local many = {}
    for i = 1, 30 do
      many[i] = { "f" .. i, "" }
    end
    assert.equal("too many fields", refusal(form(many)))
  end)

  it("reads the boundary from the header", function()
    assert.equal("B", multipart.boundary "multipart/form-data; boundary=B")
    assert.equal("a b", multipart.boundary "Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"")
    assert.is_nil(multipart.boundary "multipart/form-data")
    assert.is_nil(multipart.boundary "application/octet-stream; boundary=B")
    assert.is_nil(multipart.boundary(nil))
    assert.is_nil(multipart.boundary("multipart/form-data; boundary=" .. ("x"):rep(71)))
  end)
end)
