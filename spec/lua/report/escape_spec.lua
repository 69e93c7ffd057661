local escape = require "mcpcap.escape"

describe("escape.visible", function()
  it("leaves plain text and other scripts alone", function()
    for _, s in ipairs { "", "a b~", "C:\\dir\\x.pcap", "caf\195\169", "\230\151\165\230\156\172" } do
      assert.equal(s, escape.visible(s))
    end
  end)

  it("shows every C0 control, DEL and C1 control", function()
    for byte = 0, 31 do
      local shown = escape.visible("a" .. string.char(byte) .. "b")
      assert.is_nil(shown:find("%c"))
      assert.matches("^a\\[xtnr][%x]*b$", shown)
    end
    assert.equal("\\x7F", escape.visible("\127"))
    assert.equal("\\x1B[2J\\r\\n\\t", escape.visible("\27[2J\r\n\t"))
    for byte = 0x80, 0x9F do
      assert.equal(("\\u{00%02X}"):format(byte), escape.visible("\194" .. string.char(byte)))
    end
  end)

  it("shows what reorders or hides text", function()
    local cases = {
      ["\226\128\174"] = "\\u{202E}",          -- right-to-left override
      ["\226\129\166"] = "\\u{2066}",          -- isolate
      ["\226\128\139"] = "\\u{200B}",          -- zero width space
      ["\226\128\168"] = "\\u{2028}",          -- line separator
      ["\239\187\191"] = "\\u{FEFF}",          -- byte order mark
      ["\194\173"] = "\\u{00AD}",              -- soft hyphen
      ["\243\160\129\129"] = "\\u{E0041}",     -- tag letter A
      ["\243\160\132\128"] = "\\u{E0100}",     -- variation selector supplement
      ["\239\191\190"] = "\\u{FFFE}",          -- noncharacter
    }
    for bytes, shown in pairs(cases) do
      assert.equal("x" .. shown .. "y", escape.visible("x" .. bytes .. "y"))
    end
  end)

  it("shows each byte that is not UTF-8", function()
    local cases = {
      ["\255"] = "\\xFF",
      ["\128"] = "\\x80",
      ["\192\175"] = "\\xC0\\xAF",             -- overlong slash
      ["\224\128\175"] = "\\xE0\\x80\\xAF",    -- overlong in three bytes
      ["\237\160\128"] = "\\xED\\xA0\\x80",    -- surrogate
      ["\244\144\128\128"] = "\\xF4\\x90\\x80\\x80",  -- above U+10FFFF
      ["\195"] = "\\xC3",                      -- cut off
      ["\226\130"] = "\\xE2\\x82",
      ["\226\130a"] = "\\xE2\\x82a",
      ["\240\159\154"] = "\\xF0\\x9F\\x9A",
    }
    for bytes, shown in pairs(cases) do
      assert.equal(shown, escape.visible(bytes))
    end
  end)

  it("is stable: what is visible stays as it is", function()
    local all = {}
    for byte = 0, 255 do
      all[byte + 1] = string.char(byte)
    end
    local once = escape.visible(table.concat(all))
    assert.equal(once, escape.visible(once))
    assert.is_nil(escape.invalid_utf8(once))
  end)

  it("takes values of other types", function()
    assert.equal("true", escape.visible(true))
  end)
end)

describe("escape.invalid_utf8", function()
  it("gives the position of the first bad byte", function()
    assert.is_nil(escape.invalid_utf8("abc \195\169 \240\159\154\128"))
    assert.equal(4, escape.invalid_utf8("a\195\169\169"))
    assert.equal(1, escape.invalid_utf8("\237\160\128"))
  end)
end)

describe("escape.cut", function()
  it("counts code points, not bytes", function()
    assert.equal(4, escape.length("\195\169\195\169ab"))
    assert.equal("\195\169\195\169ab", escape.cut("\195\169\195\169ab", 4))
    assert.equal("\195\169...", escape.cut("\195\169\195\169abc", 4))
    assert.equal("ab~", escape.cut("abcd", 3, "~"))
  end)
end)

describe("escape.secrets", function()
  it("takes user, password, query and fragment out of a URL, and leaves every other name alone", function()
    assert.equal("http://h.example:8080/a/b.pcap", escape.secrets("http://me:pw@h.example:8080/a/b.pcap?token=1#x"))
    assert.equal("https://h.example", escape.secrets("https://me:p@w@h.example?token=a/b@c"))
    assert.equal("HTTP://[2001:db8::1]/@x", escape.secrets("HTTP://u@[2001:db8::1]/@x#a@b"))
    for _, name in ipairs { "http://h.example/x.pcap", "a@b?c#d.pcap", "/tmp/a:b//c@d?.pcap", "-", "" } do
      assert.equal(name, escape.secrets(name))
    end
  end)
end)

describe("escape.shell", function()
  it("quotes only what needs it", function()
    assert.equal("dir/web-1.pcap", escape.shell("dir/web-1.pcap"))
    assert.equal("'a b'", escape.shell("a b"))
    assert.equal("'$(reboot)'", escape.shell("$(reboot)"))
    assert.equal("'it'\\''s'", escape.shell("it's"))
    assert.equal("'~/x'", escape.shell("~/x"))
  end)

  it("gives a shell back exactly the same word", function()
    for _, word in ipairs { "a'b", "`id`", "$HOME \"x\" \\ * ?", "-n", "caf\195\169" } do
      local pipe = assert(io.popen("printf '[%s]' " .. escape.shell(word)))
      local got = pipe:read("*a")
      pipe:close()
      assert.equal("[" .. word .. "]", got)
    end
  end)

  it("refuses what nobody should type", function()
    assert.is_nil(escape.shell(""))
    assert.is_nil(escape.shell("a\nb"))
    assert.is_nil(escape.shell("a\27b"))
    assert.is_nil(escape.shell("a\255"))
    assert.is_nil(escape.shell("a\226\128\174b"))
  end)
end)
