local assets = require "mcpcap.report.page_assets"
local escape = require "mcpcap.escape"
local json = require "mcpcap.json"
local report = require "mcpcap.report"
local units = require "mcpcap.report.units"

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local samples = dofile(here .. "../sample_results.lua")

local FORMATS = { "html", "json", "markdown", "text" }
local NAMES = { "ok", "no_match", "no_tcp", "truncated", "stopped", "minimal", "hostile", "hostile_no_match" }

-- A report that was read by a person and found right.  To write it anew after a
-- wanted change: UPDATE_GOLDEN=1 busted spec/lua/report/report_spec.lua, then read the diff.
local function golden(name, got)
  local path = here .. "../../golden/" .. name
  if os.getenv("UPDATE_GOLDEN") then
    local file = assert(io.open(path, "wb"))
    file:write(got)
    file:close()
  end
  local file = assert(io.open(path, "rb"))
  local want = file:read("*a")
  file:close()
  assert.equal(want, got)
end

-- Every value of a table as one string, to see whether anything changed.
local function picture(value)
  return json.encode(value)
end

local function without_line_ends(text)
  return (text:gsub("\n", ""))
end

describe("report.render", function()
  it("knows four formats", function()
    assert.same(FORMATS, report.names())
  end)

  it("takes text when no format is given", function()
    assert.equal(report.render(samples.ok(), "text"), report.render(samples.ok()))
  end)

  it("raises on misuse", function()
    assert.has_error(function() report.render(nil) end)
    assert.has_error(function() report.render("x") end)
    assert.has_error(function() report.render({}, "pdf") end)
    local loop = {}
    loop.loop = loop
    assert.has_error(function() report.render(loop) end)
  end)

  it("reads the result itself where no JSON is loaded, and changes nothing in it", function()
    local loaded = package.loaded["mcpcap.json"]
    for _, name in ipairs(NAMES) do
      for _, format in ipairs { "text", "markdown" } do
        local result = samples[name]()
        local before, want = picture(result), report.render(result, format)
        package.loaded["mcpcap.json"] = nil
        local ok, text = pcall(report.render, result, format)
        package.loaded["mcpcap.json"] = loaded
        assert.is_true(ok, text)
        assert.equal(want, text)
        assert.equal(before, picture(result))
      end
    end
  end)

  it("gives reports that people have read", function()
    golden("ok.txt", report.render(samples.ok(), "text"))
    golden("ok.md", report.render(samples.ok(), "markdown"))
    golden("no_match.txt", report.render(samples.no_match(), "text"))
    golden("truncated_ascii.txt", report.render(samples.truncated(), "text", { ascii = true }))
  end)

  for _, name in ipairs(NAMES) do
    for _, format in ipairs(FORMATS) do
      it(("renders %s as %s, twice the same, and changes nothing"):format(name, format), function()
        local result = samples[name]()
        local before = picture(result)
        local one = report.render(result, format)
        assert.equal(before, picture(result))
        assert.equal(one, report.render(result, format))
        assert.is_nil(escape.invalid_utf8(one))
        assert.equal("\n", one:sub(-1))
      end)
    end

    it("gives the same reports for " .. name .. " after a trip through JSON", function()
      local again = assert(json.decode(report.render(samples[name](), "json")))
      for _, format in ipairs(FORMATS) do
        assert.equal(report.render(samples[name](), format), report.render(again, format))
      end
    end)
  end

  it("takes a result with every field missing, null or of another type", function()
    local function spoil(value, with)
      if type(value) ~= "table" then
        return with
      end
      local out = {}
      for key, item in pairs(value) do
        out[key] = spoil(item, with)
      end
      return out
    end
    local full = samples.truncated()
    for _, with in ipairs { json.null, "x", -1, true, 0 / 0, math.huge, 1e300 } do
      for key in pairs(full) do
        local result = samples.truncated()
        result[key] = with
        for _, format in ipairs(FORMATS) do
          assert.is_string(report.render(result, format))
        end
      end
      for _, format in ipairs(FORMATS) do
        assert.is_string(report.render(spoil(full, with), format))
      end
    end
    for _, format in ipairs(FORMATS) do
      assert.is_string(report.render({}, format))
    end
  end)
end)

describe("the text report", function()
  it("says the verdict before the findings, and these before the figures", function()
    local text = report.render(samples.ok(), "text")
    local verdict = text:find("The path toward the client loses", 1, true)
    local findings = text:find("FINDINGS", 1, true)
    local figures = text:find("BOTH DIRECTIONS", 1, true)
    assert.is_true(verdict < findings and findings < figures)
  end)

  it("is at most 100 columns wide, but for filters and single words", function()
    for line in report.render(samples.ok(), "text"):gmatch("[^\n]+") do
      if not line:find("^ +filter ") then
        assert.is_true(escape.length(line) <= 100, line)
      end
    end
  end)

  it("colours only when asked", function()
    assert.is_nil(report.render(samples.ok(), "text"):find("\27", 1, true))
    local colored = report.render(samples.ok(), "text", { color = true })
    assert.is_truthy(colored:find("\27[1;31m", 1, true))
    assert.equal(report.render(samples.ok(), "text"), (colored:gsub("\27%[[%d;]*m", "")))
  end)

  it("stays in ASCII when asked", function()
    assert.is_nil(report.render(samples.ok(), "text", { ascii = true }):find("[\128-\255]"))
  end)

  it("lets no byte of a hostile result act on the terminal", function()
    for _, name in ipairs { "hostile", "hostile_no_match" } do
      local text = report.render(samples[name](), "text")
      assert.is_nil(without_line_ends(text):find("%c"))
      assert.equal(without_line_ends(text), escape.visible(without_line_ends(text)))
      assert.is_nil(text:find("\n# h", 1, true))
    end
  end)

  it("lets a hostile result colour nothing", function()
    local colored = report.render(samples.hostile(), "text", { color = true })
    for sequence in colored:gmatch("\27([^m]*m?)") do
      assert.matches("^%[[%d;]+m$", sequence)
    end
  end)

  it("warns of a truncated capture with the offset, and of a limit", function()
    assert.matches("ends early in captures/shop front.pcapng at byte 1,048,576",
      (report.render(samples.truncated(), "text"):gsub("\n *", " ")), 1, true)
    assert.matches("max_packets (7421) reached", report.render(samples.stopped(), "text"), 1, true)
    local whole = report.render(samples.ok(), "text")
    assert.is_nil(whole:find("ends early", 1, true))
    assert.is_nil(whole:find("was stopped", 1, true))
  end)

  it("shows candidates and the corrected command when nothing matched", function()
    local text = report.render(samples.no_match(), "text")
    assert.matches("192.0.2.80:8443 +402 +11", text)
    assert.matches("\n  mcpcap flow web.pcap 192.0.2.80 8443\n", text, 1, true)
    assert.matches("but on port 8443", text, 1, true)
    assert.is_nil(text:find("BOTH DIRECTIONS", 1, true))
  end)

  it("says whole, on several lines, why a server is likely", function()
    local result = samples.no_match()
    local why = "the address that was asked for, on another port, 123 SYNs to it, 123 SYN-ACKs from it"
    result.candidates[1].why = why
    local text = report.render(result, "text")
    local table_of_it = text:match("THE LIKELIEST FIRST\n.-\n(.-)\n\n")
    assert.matches(why, table_of_it:gsub("%s+", " "), 1, true)
    for line in table_of_it:gmatch("[^\n]+") do
      assert.is_true(#line <= 80, line)
    end
  end)

  it("writes the command with the captures of the command line, quoted", function()
    local text = report.render(samples.no_match(), "text", { captures = { "a b.pcap", "it's.pcap" } })
    assert.matches("mcpcap flow 'a b.pcap' 'it'\\''s.pcap' 192.0.2.80 8443\n", text, 1, true)
  end)

  it("never asks to type a name that cannot be shown", function()
    local text = report.render(samples.no_match(), "text", { captures = { "a\27[31m.pcap" } })
    assert.matches("mcpcap flow CAPTURE 192.0.2.80 8443\n", text, 1, true)
  end)

  it("takes the brackets off an IPv6 candidate", function()
    local result = samples.no_match()
    result.likely_slip = nil
    table.remove(result.candidates, 1)
    assert.matches("mcpcap flow web.pcap 2001:db8::80 80\n", report.render(result, "text"), 1, true)
  end)

  it("takes the likely slip before the likeliest candidate, and says it once", function()
    local result = samples.no_match()
    result.likely_slip = { text = "did you mean the other one?", server_ip = "2001:db8::80", server_port = 80 }
    result.analysis.interpretation = "Nothing found; did you mean the other one?"
    local text = report.render(result, "text")
    assert.matches("mcpcap flow web.pcap 2001:db8::80 80\n", text, 1, true)
    local _, times = text:gsub("did you mean", "")
    assert.equal(1, times)
  end)

  it("says itself that there is no TCP", function()
    assert.matches("None of the 512 packets in this capture is TCP", report.render(samples.no_tcp(), "text"), 1, true)
  end)

  it("repeats no note that a finding gives with the same count", function()
    local result = samples.ok()
    result.capture.sliced_bytes = 5000
    assert.matches("5.00 kB were cut off", report.render(result, "text"), 1, true)
    result.analysis.findings[2].evidence.counts.sliced_bytes = 5000
    assert.is_nil(report.render(result, "text"):find("were cut off", 1, true))
  end)

  it("writes no command from a candidate that is no address", function()
    local result = samples.no_match()
    result.likely_slip = nil
    result.candidates = { { server = "x; reboot:80" } }
    assert.is_nil(report.render(result, "text"):find("TRY", 1, true))
  end)

  it("shows handshakes by who opened them", function()
    local handshakes = report.render(samples.ok(), "text"):match("\nHANDSHAKES\n(.-)\n\n")
    assert.matches("attempted +8\n", handshakes)
    assert.matches("retried +1 opened by clients, 2 by the server", handshakes)
    assert.is_nil(handshakes:find("half open", 1, true))
  end)

  it("shows a value in the unit that the field table has, and what is not there as a count", function()
    local result = samples.ok()
    result.analysis.findings[1].evidence.counts = { zero_window_ms = 1234.5, payload_bytes = 2e6, mtu = 1400,
      with_approximate_bytes = 1, some_novelty_ms = 7 }
    local shown = report.render(result, "markdown"):match("evidence: ([^\n]*)")
    assert.equal("MTU 1,400 bytes; payload 2.00 MB; zero window 1,235 ms; 1 with approximate bytes; some novelty ms 7",
      (shown:gsub("\\", "")))
  end)

  it("says what held a transfer of a second or more back, beside its connection", function()
    for _, format in ipairs { "text", "markdown", "html" } do
      local result = samples.ok()
      result.connections[1].server_to_client.limits = { by = "slow_reader", time_ms = 1000 }
      assert.matches("the server.-s data waited for its reader", (report.render(result, format):gsub("%s+", " ")))
      result.connections[1].server_to_client.limits.time_ms = 999
      assert.is_nil(report.render(result, format):find("waited for its", 1, true))
      result.connections[1].server_to_client.limits = { by = "mixed", time_ms = 5000 }
      assert.is_nil(report.render(result, format):find("waited for its", 1, true))
    end
  end)

  it("says that many clients were not counted one by one", function()
    local result = samples.ok()
    assert.matches("connections +8 from 3 clients\n", report.render(result, "text"))
    result.connection_sums.clients, result.connection_sums.clients_exact = 204151, false
    assert.matches("connections +8 from about 204,151 clients\n", report.render(result, "text"))
  end)

  it("names ICMP errors", function()
    local text = report.render(samples.ok(), "text")
    assert.matches("too big, fragmentation not allowed, MTU 1400%s+2 +203.0.113.1 +server to client", text)
    assert.matches("type/code 3/77%s+1 +203.0.113.2", text)
  end)

  it("shows evidence, counter-evidence and what would settle a finding", function()
    local text = report.render(samples.ok(), "text")
    assert.matches("evidence   1 connection; payload 811 kB; 7,421 frames\n", text, 1, true)
    assert.matches("but        its TTL is that of the server's other packets; no packet of the\n"
      .. "                server follows\n", text, 1, true)
    assert.matches("to settle  the server's log of that second\n", text, 1, true)
    assert.matches("frames     5120\n", text, 1, true)
  end)

  it("says what was withheld and why, and where the capture was taken", function()
    local text = report.render(samples.ok(), "text")
    assert.matches("Note: Withheld, because too few requests were seen: slow client, client idle.\n", text, 1, true)
    assert.matches("taken beside the server, confidence high: 0.240 ms to the server, 20.4 ms to the client",
      (text:gsub("[ \n]+", " ")), 1, true)
  end)

  it("says that nothing was found", function()
    local result = samples.ok()
    result.analysis.findings = {}
    assert.matches("Nothing in the counts points to a fault.", report.render(result, "text"), 1, true)
  end)
end)

describe("the Markdown report", function()
  it("keeps every table whole", function()
    for _, name in ipairs { "ok", "hostile", "hostile_no_match" } do
      local width
      for line in report.render(samples[name](), "markdown"):gmatch("[^\n]*") do
        if line:find("^|") then
          local _, bars = line:gsub("\\\\", ""):gsub("\\|", ""):gsub("|", "")
          width = width or bars
          assert.equal(width, bars, line)
        else
          width = nil
        end
      end
    end
  end)

  it("lets nothing of a hostile result be markup", function()
    for _, name in ipairs { "hostile", "hostile_no_match" } do
      local text = report.render(samples[name](), "markdown")
      assert.is_nil(without_line_ends(text):find("%c"))
      local outside = text:gsub("````(.-)````", ""):gsub("\\.", "")
      assert.is_nil(outside:find("<", 1, true))
      assert.is_nil(outside:find("](", 1, true))
      assert.is_nil(outside:find("&lt;", 1, true))
      assert.is_nil(text:find("\n# h", 1, true))
    end
  end)

  it("puts filters into code that backticks cannot leave", function()
    local result = samples.ok()
    result.analysis.findings[1].evidence.display_filter = "a `` b ` c"
    assert.matches("filter: ```a `` b ` c```\n", report.render(result, "markdown"), 1, true)
  end)

  it("says where a filter on a connection's completeness holds", function()
    local result = samples.ok()
    result.analysis.findings[1].evidence.display_filter = "tcp.completeness == 3"
    for _, format in ipairs({ "text", "markdown", "html" }) do
      assert.matches("tshark %-2", report.render(result, format))
    end
    result.analysis.findings[1].evidence.display_filter = "tcp.flags.syn == 1"
    for _, format in ipairs({ "text", "markdown", "html" }) do
      assert.is_nil(report.render(result, format):find("tshark -2", 1, true))
    end
  end)
end)

describe("the HTML report", function()
  -- The page without its own script and style, which are the same in every page.
  local function without_assets(page)
    for _, name in ipairs { "script", "style", "chart_style" } do
      local from, to = page:find(assets[name], 1, true)
      if from then
        page = page:sub(1, from - 1) .. page:sub(to + 1)
      end
    end
    return page
  end

  it("runs its own script only, has no event handler and nothing from outside", function()
    for _, name in ipairs { "ok", "hostile", "hostile_no_match" } do
      local page = report.render(samples[name](), "html")
      assert.is_truthy(page:find("default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha", 1, true))
      assert.is_truthy(not page:find("<script>", 1, true)
        or page:find("script-src 'sha256-" .. assets.script_hash .. "'", 1, true))
      assert.is_nil(page:find("unsafe", 1, true))
      page = without_assets(page)
      for rest in page:gmatch("<script(.)") do
        assert.is_truthy(rest == ">" or rest == " ")
      end
      local _, scripts = page:gsub("<script", "")
      local _, ends = page:gsub("</script>", "")
      assert.is_true(scripts == ends and scripts <= 2)
      assert.is_nil(page:find("src=", 1, true))
      assert.is_nil(page:find("href=", 1, true))
      assert.is_nil(page:find("style=", 1, true))
      assert.is_nil(page:find("@import", 1, true))
      assert.is_nil(page:find("url%("))
      assert.is_nil(page:gsub("\n", ""):find("%c"))
    end
  end)

  it("carries data that cannot leave its element, and that is the result's", function()
    for _, name in ipairs { "ok", "hostile" } do
      local page = report.render(samples[name](), "html")
      local data = assert(page:match('<script type="application/json" id="mcpcap%-data">(.-)</script>'))
      assert.is_nil(data:find("[<>&]"))
      local shown = assert(json.decode(data))
      assert.equal(#samples[name]().connections, #shown.connections.client)
      for _, client in ipairs(shown.connections.client) do
        assert.equal(client, escape.visible(client))
      end
    end
  end)

  it("shows the first rows of many, and has all in its data", function()
    local result = samples.ok()
    for i = #result.connections + 1, 10000 do
      result.connections[i] = { client = "198.51.100.9:" .. i, server = "192.0.2.80:443", state_text = "closed",
        first_ms = i, duration_ms = i / 3, client_to_server = { packet_count = i }, server_to_client = {} }
    end
    local page = report.render(result, "html")
    assert.is_true(#page < 3e6)
    assert.is_truthy(page:find("The first 50 of 10000.", 1, true))
    assert.is_truthy(page:find("198.51.100.9:10000", 1, true))
  end)

  it("says whose it is, and that of nobody where only remarks are made", function()
    local result = samples.ok()
    result.analysis.findings[1].settle = "a capture <there>"
    local page = report.render(result, "html")
    assert.is_truthy(page:find("Points to: <b>the network</b>, confidence h", 1, true))
    assert.is_truthy(page:find("<b>To settle it:</b> a capture &lt;there&gt;</p>", 1, true))
    result.analysis.findings = { result.analysis.findings[3] }
    page = report.render(result, "html")
    assert.is_nil(page:find('class="whose"', 1, true))
    assert.is_nil(page:find('class="next"', 1, true))
  end)

  it("lets no line end between a number and its unit, in columns of numbers", function()
    local rows = 0
    local both = report.render(samples.ok(), "html"):match('<section id="directions">.-</section>')
    for cell in both:gmatch('<td class="r">([^<]*)') do
      assert.is_nil(cell:find("%d [%a%%]"), cell)
      rows = rows + (cell:find("%d\194\160[%a%%]") and 1 or 0)
    end
    assert.is_true(rows > 5)
  end)

  it("is well-formed: every element that opens closes, in order", function()
    local void = { meta = true, rect = true, line = true }
    for _, name in ipairs { "ok", "no_match", "hostile", "hostile_no_match", "minimal" } do
      local open = {}
      local page = without_assets(report.render(samples[name](), "html"))
      for slash, tag, rest in page:gmatch("<(/?)([a-z]%w*)([^<>]*)>") do
        if slash == "/" then
          assert.equal(table.remove(open), tag)
        elseif not void[tag] and not rest:find("/$") then
          open[#open + 1] = tag
        end
      end
      assert.same({}, open)
    end
  end)

  it("escapes what a hostile result brings", function()
    local page = report.render(samples.hostile(), "html")
    assert.is_truthy(page:find("&lt;script&gt;alert(1)&lt;/script&gt;", 1, true))
    assert.is_truthy(page:find("&amp;lt;", 1, true))
    local _, styles = page:gsub("</style>", "")
    local _, titles = page:gsub("</title>", "")
    assert.equal(2, styles)
    assert.is_true(titles > 1)     -- those of the chart's bars
  end)

  it("draws the timeline and gives its figures too", function()
    local page = report.render(samples.ok(), "html")
    assert.is_truthy(page:find('<svg viewBox="0 0 1000 260" role="img" aria-label="Payload over time', 1, true))
    local _, down = page:gsub('<rect class="down"', "")
    local _, lost = page:gsub('<rect class="lost"', "")
    local _, marks = page:gsub('<line class="mark"', "")
    assert.equal(40, down)
    assert.equal(4, lost)
    assert.equal(2, marks)
    assert.is_truthy(page:find("The same as figures", 1, true))
  end)

  it("draws thousands of buckets as a few hundred bars", function()
    local result = samples.ok()
    for i = 1, 5000 do
      result.timeline.server_to_client.payload_bytes[i] = i
    end
    local page = report.render(result, "html")
    local _, down = page:gsub('<rect class="down"', "")
    assert.is_true(down > 100 and down <= 240)
    for line in report.render(result, "text"):gmatch("[^\n]+") do
      assert.is_true(escape.length(line) <= 130)
    end
  end)
end)

describe("the JSON report", function()
  it("is the result, with empty lists as lists", function()
    local text = report.render(samples.no_match(), "json")
    assert.is_truthy(text:find('"connections": []', 1, true))
    assert.is_truthy(text:find('"findings": []', 1, true))
    assert.is_truthy(text:find('"withheld": []', 1, true))
    local again = assert(json.decode(text))
    assert.equal("192.0.2.80:80", again.server)
    assert.equal(402, again.candidates[1].packets)
  end)

  it("leaves no raw control or hidden character", function()
    local text = report.render(samples.hostile(), "json")
    assert.is_nil(text:gsub("\n", ""):find("%c"))
    assert.equal(without_line_ends(text), escape.visible(without_line_ends(text)))
  end)

  it("tells no share of the data where what was sent again carries none", function()
    local result = samples.ok()
    local side = result.analysis.server_to_client or result.server_to_client
    side.data_packets, side.late_segments = 6, { resent = 768 }
    local text = report.render(result, "text")
    assert.truthy(text:find("sent again %(share of data%)[^\n]* 768\n"), text)
    side.late_segments.resent = 3
    text = report.render(result, "text")
    assert.truthy(text:find("sent again %(share of data%)[^\n]* 3 %(50.0 %%%)\n"), text)
  end)

  it("keeps tables from number to number apart from lists", function()
    local result = samples.ok()
    result.client_to_server.ttl = { 5 }
    result.client_to_server.examples = { resets = {}, syns = { 1 } }
    local text = json.encode(report.plain(result).client_to_server)
    assert.is_truthy(text:find('"ttl":{"1":5}', 1, true))
    assert.is_truthy(text:find('"examples":{"resets":[],"syns":[1]}', 1, true))
  end)

  it("is the same of a result that was read from JSON, without what is null", function()
    local result = samples.no_match()
    local text = report.render(result, "json")
    local again = assert(json.decode(text))
    again.kind, again.novelty, again.files = json.null, json.null, json.array { json.null }
    again.client_to_server.ttl = json.array { 5 }
    local shown = report.render(again, "json")
    assert.is_nil(shown:find("null", 1, true))
    assert.is_truthy(shown:find('"files": []', 1, true))
    assert.is_truthy(shown:find('"ttl": {\n      "1": 5\n    }', 1, true))
    assert.equal(text, report.render(assert(json.decode(text)), "json"))
    assert.is_truthy(json.encode(report.plain(again)):find('"novelty":null', 1, true))
    again.files = json.array { "a", json.null }
    again.kind = 5
    assert.is_truthy(report.render(again, "json"):find('"files": ["a"]', 1, true))
    again.files[1], again.files[2] = json.null, json.number "1.0"
    local text_of_2 = '"files": {\n    "2": {\n      "text": "1.0"\n    }\n  }'
    assert.is_truthy(report.render(again, "json"):find(text_of_2, 1, true))
    assert.equal(json.null, again.files[1])
    again.again = again
    local ok, problem = pcall(report.render, again, "json")
    assert.is_false(ok)
    assert.matches("nested too deeply", problem, 1, true)
  end)

  it("can be marked for a larger message", function()
    local message = { structuredContent = report.plain(samples.no_match()) }
    assert.is_truthy(json.encode(message):find('"connections":[]', 1, true))
  end)
end)

describe("units", function()
  it("read well", function()
    assert.equal("1,234,567", units.count(1234567))
    assert.equal("-1,234", units.count(-1234))
    assert.equal("123", units.count(123))
    assert.equal("1.50", units.count(1.5))
    assert.equal("999 B", units.bytes(999))
    assert.equal("1.00 kB", units.bytes(1000))
    assert.equal("1.23 MB", units.bytes(1234567))
    assert.equal("1.00 MB", units.bytes(999999))
    assert.equal("0 B", units.bytes(0))
    assert.equal("841 ms", units.duration(0.8405))    -- a half goes up on every Lua
    assert.equal("0.13", units.fixed(0.125, 2))
    assert.equal("-2.50", units.fixed(-2.5, 2))
    assert.equal("0.00", units.fixed(0, 2))
    assert.equal("12.3 kbit/s", units.rate(12345))
    assert.equal("0 %", units.percent(0))
    assert.equal("< 0.01 %", units.percent(0.00001))
    assert.equal("100 %", units.percent(1))
    assert.equal("> 99.9 %", units.percent(0.9999))
    assert.equal("0.310 ms", units.duration(0.00031))
    assert.equal("340 ms", units.duration(0.34))
    assert.equal("1.00 s", units.duration(0.9996))
    assert.equal("12.4 s", units.duration(12.4))
    assert.equal("1 min 00 s", units.duration(59.99))
    assert.equal("2 min 05 s", units.duration(125))
    assert.equal("3 h 07 min", units.duration(11220))
    assert.equal("3 d 01 h", units.duration(3 * 86400 + 3600))
    assert.equal("1970-01-01 00:00:00.000 UTC", units.moment(0))
    assert.equal("2026-03-01 10:00:00.125 UTC", units.moment(1772359200.125))
    assert.equal("2026-03-01 10:00:01.000 UTC", units.moment(1772359200.9999))
    assert.equal("1e+300", (units.moment(1e300):gsub("%d%d%d+.*", "1e+300")))
    assert.equal("-5.000 s after 1970", units.moment(-5))
  end)
end)
