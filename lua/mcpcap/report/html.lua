--- A report as one HTML page: no script, nothing from outside, light and dark.
-- @module mcpcap.report.html

local chart = require "mcpcap.report.chart"
local escape = require "mcpcap.escape"
local draw_ladder = require "mcpcap.report.ladder"

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function html(value)
  return (escape.visible(value):gsub("[&<>\"']", ENTITIES))
end

-- The browser is told not to load or run anything, whatever slips into a text.
local HEAD = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
]]

local STYLE = [[
<style>
:root {
  --paper: #ffffff; --panel: #f5f6f8; --ink: #1b2129; --soft: #5a6572; --line: #d9dee5;
  --bad: #b3261e; --warning: #8a5300; --notice: #1f5fa8; --good: #1c7040;
  --up: #2f6fb5; --down: #2a8a74; --lost: #d1442f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --panel: #1d232a; --ink: #e4e8ed; --soft: #9aa7b4; --line: #323b45;
    --bad: #ff8a7d; --warning: #f2b65a; --notice: #7db7f5; --good: #6fcf97;
    --up: #5f9fe6; --down: #4fb89d; --lost: #ff7a66;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 66rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2.4rem 0 .7rem; }
p { margin: .4rem 0; }
.pair { display: grid; gap: 0 3.5rem; }
@media (min-width: 58rem) { .pair { grid-template-columns: max-content minmax(0, 1fr); } }
.sub { color: var(--soft); font-size: .92rem; }
.verdict { margin: 1.2rem 0; padding: .9rem 1.1rem; background: var(--panel); border-left: .35rem solid var(--tone);
  border-radius: .3rem; font-size: 1.12rem; }
.bad { --tone: var(--bad); } .warning { --tone: var(--warning); }
.notice { --tone: var(--notice); } .good { --tone: var(--good); }
.note { padding: .5rem 1.1rem; background: var(--panel); border-radius: .3rem; font-size: .95rem; }
.findings { list-style: none; margin: 0; padding: 0; }
.findings > li { padding: .8rem 0 .8rem 1.1rem; border-left: .2rem solid var(--tone); margin-bottom: .8rem; }
.findings .what { font-weight: 600; margin: 0; }
.tag { color: var(--tone); font-size: .85rem; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1.2rem; margin: .3rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.findings dl { font-size: .92rem; margin-top: .4rem; }
code, pre { font: .88em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { background: var(--panel); padding: .1em .35em; border-radius: .25em; overflow-wrap: anywhere; }
pre { background: var(--panel); padding: .8rem 1rem; border-radius: .3rem; overflow-x: auto; margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .9rem .28rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: normal; }
tbody tr:last-child > * { border-bottom: 0; }
.r { text-align: right; padding-right: 0; padding-left: .9rem; white-space: nowrap; }
.r + td:not(.r) { padding-left: .9rem; }
.sum { padding-left: 1.1rem; color: var(--soft); }
.why { color: var(--soft); font-size: .92em; }
tr.has-why > * { border-bottom: 0; padding-bottom: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
.up { fill: var(--up); } .down { fill: var(--down); } .lost { fill: var(--lost); }
.axis { stroke: var(--line); } line.mark { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 3 2; }
.ladder { max-width: 48rem; }
.lane { stroke: var(--ink); stroke-width: 1.5; } .step { stroke-width: 1.4; fill: none; }
line.up { stroke: var(--up); } line.down { stroke: var(--down); } .step.lost { stroke: var(--lost); stroke-width: 2; }
.step.soft { stroke: var(--soft); stroke-dasharray: 4 3; } polygon.soft { fill: var(--soft); }
svg .name { fill: var(--ink); font-size: 13px; font-weight: 600; } svg .label { fill: var(--ink); font-size: 10px;
  stroke: var(--paper); stroke-width: 3px; paint-order: stroke; }
svg .small { font-size: 9px; }
.key { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; color: var(--soft); font-size: .88rem; margin: .2rem 0; }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: .15em; }
.key .up { background: var(--up); } .key .down { background: var(--down); } .key .lost { background: var(--lost); }
.key .mark { background: var(--ink); width: .2em; }
details { margin-top: .5rem; } summary { color: var(--soft); cursor: pointer; font-size: .92rem; }
@media print { body { max-width: none; padding: 0; } details { display: none; } }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } }
</style>
]]

local function put(out, ...)
  for i = 1, select("#", ...) do
    out[#out + 1] = (select(i, ...))
  end
end

local kinds = {}

local function put_row(out, section, row)
  put(out, row.note and '<tr class="has-why">' or "<tr>")
  for i, column in ipairs(section.columns) do
    local value = tostring(row[i] or "")
    if i == 1 then
      -- Leading spaces of a label mean "belongs to the one above".
      local below = value:find("^  ") ~= nil
      put(out, below and '<th scope="row" class="sum">' or '<th scope="row">',
        html((value:gsub("^ +", ""))), "</th>")
    else
      put(out, column.right and '<td class="r">' or "<td>", html(value), "</td>")
    end
  end
  put(out, "</tr>\n")
  if row.note then
    put(out, '<tr><td class="why" colspan="', tostring(#section.columns), '">', html(row.note), "</td></tr>\n")
  end
end

function kinds.table(out, section)
  put(out, '<div class="scroll"><table>\n<thead><tr>')
  for _, column in ipairs(section.columns) do
    put(out, column.right and '<th scope="col" class="r">' or '<th scope="col">', html(column[1]), "</th>")
  end
  put(out, "</tr></thead>\n<tbody>\n")
  for _, row in ipairs(section.rows) do
    put_row(out, section, row)
  end
  put(out, "</tbody></table></div>\n")
  if section.caption then
    put(out, '<p class="sub">', html(section.caption), "</p>\n")
  end
end

function kinds.facts(out, section)
  put(out, "<dl>\n")
  for _, item in ipairs(section.items) do
    put(out, "<dt>", html(item[1]), "</dt><dd>", html(item[2]), "</dd>\n")
  end
  put(out, "</dl>\n")
end

local function put_fact(out, name, value, is_code)
  if value then
    put(out, "<dt>", name, "</dt><dd>", is_code and "<code>" or "", html(value), is_code and "</code>" or "",
      "</dd>\n")
  end
end

function kinds.findings(out, section)
  if #section.items == 0 then
    put(out, "<p>", html(section.empty), "</p>\n")
    return
  end
  put(out, '<ol class="findings">\n')
  for _, item in ipairs(section.items) do
    local about = { item.severity }
    about[#about + 1] = item.side
    about[#about + 1] = item.confidence and "confidence " .. item.confidence
    put(out, '<li class="', item.tone, '">\n<p class="tag">', html(table.concat(about, ", ")),
      '</p>\n<p class="what">', html(item.text), "</p>\n<dl>\n")
    put_fact(out, "Evidence", #item.facts > 0 and table.concat(item.facts, "; ") or nil)
    put_fact(out, "But", item.against)
    put_fact(out, "To settle", item.settle)
    put_fact(out, "Frames", item.frames)
    put_fact(out, "Filter", item.filter, true)
    put_fact(out, "Holds", item.filter_note)
    put(out, "</dl>\n</li>\n")
  end
  put(out, "</ol>\n")
end

function kinds.timeline(out, section)
  put(out, chart.draw(section, html))
end

function kinds.ladder(out, section)
  put(out, draw_ladder(section, html))
end

function kinds.command(out, section)
  put(out, "<pre>", html(section.text), "</pre>\n")
end

-- The page has its own order: the drawing comes before the figures, and what is
-- narrow stands beside the table of both directions.
local BESIDE = { totals = true, handshakes = true, resets = true, balance = true }

local function arranged(sections)
  local first, left, beside, rest = {}, {}, {}, {}
  for _, section in ipairs(sections) do
    local place = rest
    if section.kind == "findings" or section.kind == "timeline" or section.kind == "ladder" then
      place = first
    elseif section.id == "directions" then
      place = left
    elseif BESIDE[section.id] then
      place = beside
    end
    place[#place + 1] = section
  end
  return first, left, beside, rest
end

local function put_sections(out, sections)
  for _, section in ipairs(sections) do
    put(out, '<section id="', section.id, '">\n<h2>', html(section.title), "</h2>\n")
    kinds[section.kind](out, section)
    put(out, "</section>\n")
  end
end

--- Lays an outline out as an HTML page.
-- @tparam table outline
-- @treturn string
return function(outline)
  local out = { HEAD, "<title>", html(outline.title), "</title>\n", STYLE, "</head>\n<body>\n<main>\n" }
  put(out, "<h1>", html(outline.title), "</h1>\n")
  if outline.subtitle ~= "" then
    put(out, '<p class="sub">', html(outline.subtitle), "</p>\n")
  end
  put(out, '<div class="verdict ', outline.tone, '">\n')
  for _, sentence in ipairs(outline.verdict) do
    put(out, "<p>", html(sentence), "</p>\n")
  end
  put(out, "</div>\n")
  for _, sentence in ipairs(outline.warnings) do
    put(out, '<p class="note">', html(sentence), "</p>\n")
  end
  local first, left, beside, rest = arranged(outline.sections)
  put_sections(out, first)
  if #left + #beside > 0 then
    put(out, '<div class="pair">\n<div>\n')
    put_sections(out, left)
    put(out, "</div>\n<div>\n")
    put_sections(out, beside)
    put(out, "</div>\n</div>\n")
  end
  put_sections(out, rest)
  put(out, "</main>\n</body>\n</html>\n")
  return table.concat(out)
end
