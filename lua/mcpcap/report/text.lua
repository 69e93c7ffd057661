--- A report as plain text for a terminal: 80 columns, colour only if asked.
-- @module mcpcap.report.text

local escape = require "mcpcap.escape"
local timeline = require "mcpcap.report.timeline"
local units = require "mcpcap.report.units"

local visible = escape.visible

local WIDTH = 80
local MAX_BARS = 48
local LEAST_SENTENCE = 16

local SGR = { bold = "1", dim = "2", bad = "1;31", warning = "1;33", notice = "1;36", good = "1;32" }

local UNICODE = {
  rule = "\226\148\128", ellipsis = "\226\128\166",
  bars = { "\226\150\129", "\226\150\130", "\226\150\131", "\226\150\132", "\226\150\133", "\226\150\134",
    "\226\150\135", "\226\150\136" },
}
local ASCII = { rule = "-", ellipsis = "~", bars = { ".", ":", "-", "=", "+", "*", "%", "#" } }

local TONE_MARKS = { bad = "!!", warning = "! ", notice = "- ", good = "+ " }

-- ---------------------------------------------------------------------- lines

local function trimmed(line)
  return line:byte(-1) == 32 and line:gsub(" +$", "") or line
end

local function paint(page, style, text)
  if not page.color or text == "" then
    return text
  end
  text = trimmed(text)             -- what put() could not see behind the colour
  return "\27[" .. SGR[style] .. "m" .. text .. "\27[0m"
end

local function put(page, line)
  page.lines[#page.lines + 1] = trimmed(line)
end

local function pad(text, width, right)
  local space = (" "):rep(width - escape.length(text))
  return right and space .. text or text .. space
end

-- A number and its unit are one word.
local UNITS = {}
for unit in ("ms s % ppm B kB MB GB TB bytes bit/s kbit/s Mbit/s Gbit/s Tbit/s"):gmatch("%S+") do
  UNITS[unit] = true
end

local function words_of(text)
  local words = {}
  for word in text:gmatch("[^ ]+") do
    if #words > 0 and words[#words]:find("%d$") and UNITS[word:match("^[^%s.,;:)]+")] then
      words[#words] = words[#words] .. " " .. word
    else
      words[#words + 1] = word
    end
  end
  return words
end

-- Text that is safe already, broken at spaces; a word that is longer than a
-- line stands alone, whole, so that it can be copied.
local function wrap(text, width)
  local lines, line, length = {}, {}, 0
  for _, word in ipairs(words_of(text)) do
    local n = escape.length(word)
    if length > 0 and length + 1 + n > width then
      lines[#lines + 1] = table.concat(line, " ")
      line, length = {}, 0
    end
    line[#line + 1] = word
    length = length + (length > 0 and 1 or 0) + n
  end
  lines[#lines + 1] = #line > 0 and table.concat(line, " ") or nil
  return lines
end

-- A paragraph behind a label; further lines stand below the first.
local function put_paragraph(page, indent, label, text, style)
  local space = (" "):rep(indent)
  local hang = (" "):rep(escape.length(label))
  for i, line in ipairs(wrap(visible(text), WIDTH - indent - #hang)) do
    put(page, space .. (i == 1 and label or hang) .. (style and paint(page, style, line) or line))
  end
end

local function put_heading(page, title)
  put(page, "")
  put(page, paint(page, "bold", visible(title):upper()))
end

-- --------------------------------------------------------------------- tables

-- The cells made safe, and how wide each column must be.
local function measure(section)
  local widths, rows = {}, {}
  for i, column in ipairs(section.columns) do
    widths[i] = escape.length(visible(column[1]))
  end
  for r, row in ipairs(section.rows) do
    local cells = { note = row.note }
    for i = 1, #section.columns do
      local value = row[i] or ""
      -- Leading spaces are how a label says that it belongs to the one above.
      cells[i] = visible(value)
      widths[i] = math.max(widths[i], escape.length(cells[i]))
    end
    rows[r] = cells
  end
  return widths, rows
end

local function total_of(widths, from)
  local total = 0
  for i = from, #widths do
    total = total + widths[i] + 2
  end
  return total
end

local function join(section, cells, widths, from, mark)
  local out = {}
  for i = from, #section.columns do
    local cell = escape.cut(cells[i], widths[i], mark)
    out[#out + 1] = pad(cell, widths[i], section.columns[i].right)
  end
  return table.concat(out, "  ")
end

-- How narrow a column of sentences may become: as its title, and as its longest word.
local function least_of(rows, titles, i)
  local least = math.max(LEAST_SENTENCE, escape.length(visible(titles[i][1])))
  for _, cells in ipairs(rows) do
    for word in cells[i]:gmatch("[^ ]+") do
      least = math.max(least, escape.length(word))
    end
  end
  return least
end

-- Columns of which a cell is a sentence give way, the widest first.
local function narrow(section, rows, widths, from)
  local excess, order = total_of(widths, from) - WIDTH + from - 1, {}
  if excess <= 0 then
    return
  end
  for i = 2, #widths do
    order[#order + 1] = not section.columns[i].flexible and widths[i] > LEAST_SENTENCE and i or nil
  end
  table.sort(order, function(a, b)
    return widths[a] > widths[b] or widths[a] == widths[b] and a < b
  end)
  for _, i in ipairs(order) do
    local less = math.max(0, math.min(excess, widths[i] - least_of(rows, section.columns, i)))
    widths[i], excess = widths[i] - less, excess - less
  end
end

-- Makes room: the flexible column gives way, and what is a sentence.  False: that is not enough.
local function fit(section, rows, widths, from)
  for i, column in ipairs(section.columns) do
    local excess = total_of(widths, from) - WIDTH + from - 1
    if column.flexible and excess > 0 then
      widths[i] = math.max(16, widths[i] - excess)
    end
  end
  narrow(section, rows, widths, from)
  return total_of(widths, from) <= WIDTH - from + 1
end

-- A row as one line of cells or more, where a sentence is longer than its column.
local function lines_of(section, cells, widths, from)
  local lines = { {} }
  for i = from, #section.columns do
    local parts = { cells[i] }
    if i > 1 and not section.columns[i].flexible and escape.length(cells[i]) > widths[i] then
      parts = wrap(cells[i], widths[i])
    end
    for n, part in ipairs(parts) do
      lines[n] = lines[n] or {}
      lines[n][i] = part
    end
  end
  for _, line in ipairs(lines) do
    for i = from, #section.columns do
      line[i] = line[i] or ""
    end
  end
  return lines
end

-- The section with the short forms of its titles, if it has any.
local function shortened(section)
  local columns, any = {}, false
  for i, column in ipairs(section.columns) do
    columns[i] = column.short and { column.short, right = column.right, flexible = column.flexible } or column
    any = any or column.short
  end
  return any and { columns = columns, rows = section.rows } or nil
end

local function put_table(page, section)
  local widths, rows = measure(section)
  local short = total_of(widths, 1) > WIDTH and shortened(section)
  if short and total_of(measure(short), 1) <= WIDTH then
    section = { columns = short.columns, rows = section.rows, caption = section.caption }
    widths, rows = measure(section)
  end
  local stacked = not fit(section, rows, widths, 1) and #widths > 3
  local from, space = 1, "  "
  if stacked then                                -- the first column gets a line of its own (long IPv6 addresses)
    widths = measure(section)
    fit(section, rows, widths, 2)
    from, space = 2, "   "
  end
  local titles = {}
  for i, column in ipairs(section.columns) do
    titles[i] = visible(column[1])
  end
  put(page, paint(page, "dim", space .. join(section, titles, widths, from, page.glyphs.ellipsis)))
  for _, cells in ipairs(rows) do
    if stacked then
      put(page, "  " .. cells[1])
    end
    for _, line in ipairs(lines_of(section, cells, widths, from)) do
      put(page, space .. join(section, line, widths, from, page.glyphs.ellipsis))
    end
    if cells.note then
      put_paragraph(page, 6, "", cells.note, "dim")
    end
  end
  if section.caption then
    put(page, paint(page, "dim", "  " .. visible(section.caption)))
  end
end

-- ---------------------------------------------------------------- the sections

local kinds = {}

function kinds.table(page, section)
  put_table(page, section)
end

kinds.ladder = kinds.table

function kinds.facts(page, section)
  local width = 0
  for _, item in ipairs(section.items) do
    width = math.max(width, escape.length(visible(item[1])))
  end
  for _, item in ipairs(section.items) do
    put_paragraph(page, 2, pad(visible(item[1]), width + 2), item[2])
  end
end

local function put_finding(page, item)
  local about = { item.severity, item.side, item.confidence and "confidence " .. item.confidence }
  if item.confidence and not item.side then
    about = { item.severity, "confidence " .. item.confidence }
  end
  local head = visible(table.concat(about, ", "))
  put(page, "  " .. paint(page, item.tone, TONE_MARKS[item.tone] .. " " .. head))
  put_paragraph(page, 5, "", item.text, "bold")
  if #item.facts > 0 then
    put_paragraph(page, 5, "evidence   ", table.concat(item.facts, "; "))
  end
  if item.against then
    put_paragraph(page, 5, "but        ", item.against)
  end
  if item.settle then
    put_paragraph(page, 5, "to settle  ", item.settle)
  end
  if item.frames then
    put_paragraph(page, 5, "frames     ", item.frames)
  end
  -- On one line, however long: it is there to be copied.
  if item.filter then
    put(page, "     filter     " .. visible(item.filter))
    if item.filter_note then
      put(page, "                (" .. visible(item.filter_note) .. ")")
    end
  end
end

function kinds.findings(page, section)
  if #section.items == 0 then
    put(page, "  " .. paint(page, "good", visible(section.empty)))
  end
  for i, item in ipairs(section.items) do
    if i > 1 then
      put(page, "")
    end
    put_finding(page, item)
  end
end

-- One glyph a value, its height a share of the peak; what is not zero is seen.
local function spark(values, bars)
  local peak = 0
  for _, value in ipairs(values) do
    peak = math.max(peak, value)
  end
  local out = {}
  for i, value in ipairs(values) do
    local level = value > 0 and math.max(1, math.floor(value / peak * #bars + 0.5)) or 0
    out[i] = bars[level] or " "
  end
  return table.concat(out), peak
end

function kinds.timeline(page, section)
  put(page, "  " .. visible(timeline.caption(section)))
  local way, columns
  for _, lane in ipairs(section.lanes) do
    local values = timeline.fold(lane.values, MAX_BARS)
    local drawn, peak = spark(values, page.glyphs.bars)
    columns = #values
    if lane.label ~= way then
      way = lane.label
      put(page, "  " .. paint(page, "bold", way))
    end
    local arrow = lane.direction == "client_to_server" and "  > server " or "  > client "
    put(page, arrow .. "|" .. drawn .. "| " .. "peak " .. lane.show(peak))
  end
  if section.seconds and columns then
    local last = units.duration(section.seconds * section.count)
    put(page, paint(page, "dim", (" "):rep(12) .. "0" .. pad(last, math.max(columns - 1, #last), true)))
  end
end

function kinds.command(page, section)
  put(page, "  " .. paint(page, "bold", visible(section.text)))
end

--- Lays an outline out as text.
-- @tparam table outline
-- @tparam table options `color`: true for ANSI colours; `ascii`: true for no
-- character outside ASCII of our own
-- @treturn string lines of text, each with its end
return function(outline, options)
  local page = { lines = {}, color = options.color, glyphs = options.ascii and ASCII or UNICODE }
  put(page, paint(page, "bold", visible(outline.title)))
  if outline.subtitle ~= "" then
    put_paragraph(page, 0, "", outline.subtitle, "dim")
  end
  put(page, page.glyphs.rule:rep(WIDTH))
  for _, sentence in ipairs(outline.verdict) do
    put_paragraph(page, 0, "", sentence, outline.tone)
  end
  if #outline.warnings > 0 then
    put(page, "")
  end
  for _, sentence in ipairs(outline.warnings) do
    put_paragraph(page, 0, "Note: ", sentence)
  end
  for _, section in ipairs(outline.sections) do
    put_heading(page, section.title)
    kinds[section.kind](page, section)
  end
  return table.concat(page.lines, "\n") .. "\n"
end
