-- Numbers in sentences, at the edges of their units.

local phrases = require "mcpcap.phrases"
local units = require "mcpcap.report.units"

describe("a rate in a sentence", function()
  for _, one in ipairs {
    { 0, "0 bit/s" }, { 1, "1 bit/s" }, { 300, "300 bit/s" }, { 999.4, "999 bit/s" }, { 999.6, "1.0 kbit/s" },
    { 1000, "1.0 kbit/s" }, { 9900, "9.9 kbit/s" }, { 9960, "10 kbit/s" }, { 64000, "64 kbit/s" },
    { 999400, "999 kbit/s" }, { 999700, "1.0 Mbit/s" }, { 1500000, "1.5 Mbit/s" }, { 9960000, "10 Mbit/s" },
    { 999.7e6, "1.0 Gbit/s" }, { 12.34e9, "12.3 Gbit/s" }, { 1e12, "1000.0 Gbit/s" },
  } do
    it(("of %s is %s"):format(one[1], one[2]), function()
      assert.equal(one[2], phrases.rate(one[1]))
    end)
  end

  it("rounds a half up, in every Lua, as the tables of a report do", function()
    assert.equal("1 of 16 (6.3 %)", phrases.share(1, 16))
    assert.equal("1 of 8 (13 %)", phrases.share(1, 8))
    assert.equal("3 of 8 (38 %)", phrases.share(3, 8))
    assert.equal("1 of 1000 (0.10 %)", phrases.share(1, 1000))
    assert.equal("1843 of 1852 (99.5 %)", phrases.share(1843, 1852))
    assert.equal("99999 of 100000 (over 99.9 %)", phrases.share(99999, 100000))
    assert.equal("1852 of 1852 (100 %)", phrases.share(1852, 1852))
    assert.equal("1 of 100000 (below 0.01 %)", phrases.share(1, 100000))
    assert.same({ "1.3 s", "1.4 s", "0.13 ms", "13 ms", "14 ms" }, { phrases.ms(1250), phrases.ms(1350),
      phrases.ms(0.125), phrases.ms(12.5), phrases.ms(13.5) })
    assert.same({ "1.3 MB", "13 kB" }, { phrases.bytes(1250000), phrases.bytes(12500) })
    assert.equal("6.3", units.fixed(6.25, 1))
  end)
end)
