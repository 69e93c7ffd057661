--- A report as one HTML page: nothing from outside, light and dark.
-- @module mcpcap.report.html

local chart = require "mcpcap.report.chart"
local escape = require "mcpcap.escape"
local assets = require "mcpcap.report.page_assets"
local page = require "mcpcap.report.page"

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function html(value)
  return (escape.visible(value):gsub("[&<>\"']", ENTITIES))
end

-- The browser is told to run this script, to take this style, and to load nothing, whatever slips into a text.
local HEAD = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; %s">
<meta name="referrer" content="no-referrer">
]]

local function put(out, ...)
  for i = 1, select("#", ...) do
    out[#out + 1] = (select(i, ...))
  end
end

local kinds = {}

-- A number and its unit stay in one line.
local function together(text)
  return (text:gsub("(%d) ([%a%%])", "%1\194\160%2"))
end

local UNITS = {}
for unit in ("s ms min h B kB MB GB TB bit kbit Mbit Gbit"):gmatch("%a+") do
  UNITS[unit] = true
end

-- The same in a sentence, where not each word behind a number is a unit.
local function sentence(text)
  return (html(text):gsub("(%d) (%%)", "%1\194\160%2"):gsub("(%d) (%a+)", function(digit, word)
    return UNITS[word] and digit .. "\194\160" .. word or nil
  end))
end

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
      local text = html(value)
      put(out, column.right and '<td class="r">' or "<td>", column.right and together(text) or text, "</td>")
    end
  end
  put(out, "</tr>\n")
  if row.note then
    put(out, '<tr><td class="why" colspan="', tostring(#section.columns), '"><div>', html(row.note),
      "</div></td></tr>\n")
  end
end

function kinds.table(out, section)
  put(out, '<div class="scroll" tabindex="0" role="region" aria-label="', html(section.title),
    '"><table>\n<thead><tr>')
  for _, column in ipairs(section.columns) do
    if column[1] == "" then
      put(out, "<td></td>")
    else
      put(out, column.right and '<th scope="col" class="r">' or '<th scope="col">', html(column[1]), "</th>")
    end
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

local function put_fact(out, name, value)
  if value then
    put(out, "<dt>", name, "</dt><dd>", html(value), "</dd>\n")
  end
end

local function put_list(out, name, list)
  if #list > 0 then
    put(out, "<dt>", name, "</dt><dd><ul>")
    for _, fact in ipairs(list) do
      put(out, "<li>", html(fact), "</li>")
    end
    put(out, "</ul></dd>\n")
  end
end

local function put_chips(out, item)
  put(out, '<p class="chips"><span class="chip tone">', html(item.severity), "</span>")
  if item.side then
    put(out, '<span class="chip">', html(item.side), "</span>")
  end
  if item.confidence then
    put(out, '<span class="chip quiet">confidence ', html(item.confidence), "</span>")
  end
  put(out, "</p>\n")
end

function kinds.findings(out, section)
  if #section.items == 0 then
    put(out, "<p>", html(section.empty), "</p>\n")
    return
  end
  put(out, '<ol class="findings">\n')
  for _, item in ipairs(section.items) do
    put(out, '<li class="', item.tone, '">\n')
    put_chips(out, item)
    put(out, '<p class="what">', sentence(item.text), "</p>\n<dl>\n")
    put_list(out, "Evidence", item.facts)
    put_fact(out, "But", item.against)
    put_fact(out, "To settle", item.settle)
    put_fact(out, "Frames", item.frames)
    if item.filter then
      put(out, '<dt>Filter</dt><dd class="filter"><code>', html(item.filter), "</code></dd>\n")
    end
    put_fact(out, "Holds", item.filter_note)
    put(out, "</dl>\n</li>\n")
  end
  put(out, "</ol>\n")
end

function kinds.timeline(out, section)
  put(out, chart.draw(section, html))
end

-- The script draws it.
function kinds.ladder(out, section)
  put(out, '<div class="drawing"></div>\n<details class="figures"><summary>The same as a table</summary>\n')
  kinds.table(out, section)
  put(out, "</details>\n")
end

-- A bar and the words of its parts; widths in thousandths, so that no style is needed.
function kinds.shares(out, section)
  for _, item in ipairs(section.items) do
    put(out, '<div class="whole"><h3>', html(item.label), ' <span class="sub">', html(item.about), "</span></h3>\n",
      '<svg class="share" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">')
    local x = 0
    for _, part in ipairs(item.parts) do
      local width = math.max(2, part.share * 1000)
      put(out, ('<rect class="%s" x="%.1f" y="0" width="%.1f" height="20"/>'):format(part.class, x, width))
      x = x + part.share * 1000
    end
    put(out, '</svg>\n<ul class="parts">')
    for _, part in ipairs(item.parts) do
      put(out, '<li><svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><rect class="', part.class,
        '" width="10" height="10" rx="2"/></svg>', html(part.name), " <b>", html(part.text), "</b></li>")
    end
    put(out, "</ul></div>\n")
  end
end

function kinds.command(out, section)
  put(out, "<pre>", html(section.text), "</pre>\n")
end

-- The page has its own order: the drawing comes before the figures, and what is
-- narrow stands beside the table of both directions.
local FIRST = { findings = true, timeline = true, ladder = true }
local BESIDE = { totals = true, handshakes = true, resets = true, balance = true }

local function arranged(sections)
  local first, left, beside, rest = {}, {}, {}, {}
  for _, section in ipairs(sections) do
    local place = rest
    if FIRST[section.kind] then
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

local function put_verdict(out, outline)
  put(out, '<section class="verdict ', outline.tone, '" aria-label="Verdict">\n')
  if outline.whose then
    put(out, '<p class="whose">Points to: <b>the ', html(outline.whose.side), "</b>",
      outline.whose.confidence and ', confidence ' .. html(outline.whose.confidence) or "", "</p>\n")
  end
  for _, said in ipairs(outline.verdict) do
    put(out, "<p>", sentence(said), "</p>\n")
  end
  if outline.whose and outline.whose.settle then
    put(out, '<p class="next"><b>To settle it:</b> ', html(outline.whose.settle), "</p>\n")
  end
  put(out, "</section>\n")
end

local function head(title, has_script)
  local csp = ("style-src 'sha256-%s'%s"):format(assets.style_hash,
    has_script and (" 'sha256-%s'"):format(assets.chart_style_hash) or "")
  if has_script then
    csp = csp .. ("; script-src 'sha256-%s'"):format(assets.script_hash)
  end
  local out = { HEAD:format(csp), "<title>", html(title), "</title>\n<style>", assets.style, "</style>\n" }
  if has_script then
    put(out, "<style>", assets.chart_style, "</style>\n")
  end
  put(out, "</head>\n<body>\n<main>\n")
  return out
end

local function finished(out, data)
  put(out, "</main>\n")
  if data then
    put(out, '<script type="application/json" id="mcpcap-data">', page.embedded(data), "</script>\n<script>",
      assets.script, "</script>\n")
  end
  put(out, "</body>\n</html>\n")
  return table.concat(out)
end

local layout = {}

--- Lays an outline out as an HTML page: whole without its script, which draws and searches.
-- @tparam table outline
-- @tparam ?table data of `mcpcap.report.page`; nil: no script
-- @treturn string
function layout.page(outline, data)
  local out = head(outline.title, data ~= nil)
  put(out, "<header>\n<h1>", html(outline.title), "</h1>\n")
  if outline.subtitle ~= "" then
    put(out, '<p class="sub">', html(outline.subtitle), "</p>\n")
  end
  put(out, "</header>\n")
  put_verdict(out, outline)
  for _, said in ipairs(outline.warnings) do
    put(out, '<p class="note">', sentence(said), "</p>\n")
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
  return finished(out, data)
end

--- The page of an MCP App: empty, until its host gives it a result.
-- @treturn string
function layout.app()
  return finished(head("mcpcap", true), { app = true })
end

return layout
