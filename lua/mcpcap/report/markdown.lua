--- A report as Markdown (CommonMark with tables), for tickets and for models.
-- @module mcpcap.report.markdown

local escape = require "mcpcap.escape"
local timeline = require "mcpcap.report.timeline"
local units = require "mcpcap.report.units"

-- Text outside code: what Markdown or HTML would act on gets a backslash.  An
-- underscore inside a word is only an underscore (CommonMark, 6.2).
local function plain(value)
  local text = escape.visible(value):gsub("[\\`*%[%]<>|~&]", "\\%0")
  text = text:gsub("()_()", function(from, to)
    local inside = text:find("^%w", to) and from > 1 and text:find("^%w", from - 1)
    return inside and "_" or "\\_"
  end)
  return text
end

-- A code span: the fence is longer than any run of backticks inside
-- (CommonMark, 6.1).
local function code(value)
  local text = escape.visible(value)
  local longest = 0
  for run in text:gmatch("`+") do
    longest = math.max(longest, #run)
  end
  local fence = ("`"):rep(longest + 1)
  local space = (text:find("^`") or text:find("`$") or text:find("^ .* $")) and " " or ""
  return fence .. space .. text .. space .. fence
end

local function put(out, line)
  out[#out + 1] = line
end

local kinds = {}

-- Leading spaces of a label mean "belongs to the one above".
local function cell(value)
  return plain((tostring(value or ""):gsub("^  +", "- ")))
end

function kinds.table(out, section)
  local titles, rules = {}, {}
  for i, column in ipairs(section.columns) do
    titles[i] = plain(column[1])
    rules[i] = column.right and "---:" or "---"
  end
  local has_notes = false
  for _, row in ipairs(section.rows) do
    has_notes = has_notes or row.note ~= nil
  end
  if has_notes then
    titles[#titles + 1], rules[#rules + 1] = "why", "---"
  end
  put(out, "| " .. table.concat(titles, " | ") .. " |")
  put(out, "| " .. table.concat(rules, " | ") .. " |")
  for _, row in ipairs(section.rows) do
    local cells = {}
    for i = 1, #section.columns do
      cells[i] = cell(row[i])
    end
    if has_notes then
      cells[#cells + 1] = cell(row.note)
    end
    put(out, "| " .. table.concat(cells, " | ") .. " |")
  end
  if section.caption then
    put(out, "")
    put(out, plain(section.caption))
  end
end

kinds.ladder = kinds.table

function kinds.facts(out, section)
  for _, item in ipairs(section.items) do
    put(out, "- " .. plain(item[1]) .. ": " .. plain(item[2]))
  end
end

function kinds.findings(out, section)
  if #section.items == 0 then
    put(out, plain(section.empty))
  end
  for i, item in ipairs(section.items) do
    local about = plain(item.severity)
    if item.side then
      about = about .. ", " .. plain(item.side)
    end
    put(out, ("%d. **%s**: %s"):format(i, about, plain(item.text)))
    if item.confidence then
      put(out, "   - confidence: " .. plain(item.confidence))
    end
    if #item.facts > 0 then
      put(out, "   - evidence: " .. plain(table.concat(item.facts, "; ")))
    end
    if item.against then
      put(out, "   - but: " .. plain(item.against))
    end
    if item.settle then
      put(out, "   - to settle: " .. plain(item.settle))
    end
    if item.frames then
      put(out, "   - frames: " .. plain(item.frames))
    end
    if item.filter then
      local note = item.filter_note and " (" .. plain(item.filter_note) .. ")" or ""
      put(out, "   - filter: " .. code(item.filter) .. note)
    end
  end
end

local ROWS = 20

-- Figures rather than a drawing: a few rows, each the sum of neighbours.
function kinds.timeline(out, section)
  local folded = { columns = { { section.seconds and "from second" or "bucket", right = true } }, rows = {} }
  for _, lane in ipairs(section.lanes) do
    folded.columns[#folded.columns + 1] = { lane.label .. ", " .. lane.way, right = true }
  end
  for column, lane in ipairs(section.lanes) do
    local values, step = timeline.fold(lane.values, ROWS)
    for i, value in ipairs(values) do
      local first = (i - 1) * step
      local from = section.seconds and (units.fixed(first * section.seconds, 3):gsub("%.?0+$", ""))
        or units.count(first + 1)
      folded.rows[i] = folded.rows[i] or { from }
      folded.rows[i][column + 1] = lane.show(value)
    end
  end
  kinds.table(out, folded)
end

function kinds.command(out, section)
  put(out, "    " .. escape.visible(section.text))
end

--- Lays an outline out as Markdown.
-- @tparam table outline
-- @treturn string
return function(outline)
  local out = { "# " .. plain(outline.title), "" }
  for _, sentence in ipairs(outline.verdict) do
    put(out, "**" .. plain(sentence) .. "**")
    put(out, "")
  end
  if outline.subtitle ~= "" then
    put(out, plain(outline.subtitle))
    put(out, "")
  end
  for _, sentence in ipairs(outline.warnings) do
    put(out, "> Note: " .. plain(sentence))
    put(out, "")
  end
  for _, section in ipairs(outline.sections) do
    put(out, "## " .. plain(section.title))
    put(out, "")
    kinds[section.kind](out, section)
    put(out, "")
  end
  return table.concat(out, "\n")
end
