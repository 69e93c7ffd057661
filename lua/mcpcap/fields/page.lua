--- The page of all keys, docs/result.md, from the field table.
-- @module mcpcap.fields.page

local fields = require "mcpcap.fields"

-- A paragraph a line; the page has no hard line ends.
local HEAD = table.concat({
  "# The result, key by key", "",
  "Written by `tools/pages` from the field table, `lua/mcpcap/fields/`; change it there. What the "
    .. "counters follow stands in [rules.md](rules.md), the findings in [findings.md](findings.md), the tools of the"
    .. " last tables in [mcp.md](mcp.md).", "",
  "One rule of names: a key that ends in `_ms` is a duration in milliseconds, in `_time` a point in time in "
    .. "seconds since 1970 (UTC), in `_bps` bits per second; all other numbers are counts, and the unit says of "
    .. "what. What both sides have is a *pair*, `{ client, server }`. A *list* counts from 1, a *map* has free keys."
    .. " What is not known, and a ratio that cannot be formed, is absent; no number is infinite or NaN. Shares are "
    .. "from 0 to 1. \"Since\" is the version of the name.", "",
}, "\n")

local function anchor(name)
  return "[" .. name:gsub("_", " ") .. "](#" .. name:gsub("_", "-") .. ")"
end

-- A type as words, with a link to the part.
local function type_text(kind)
  local shape, of = fields.kind(kind)
  if kind == "frames" then
    return "list of integer"
  elseif shape == "part" then
    return anchor(of)
  elseif shape == "scalar" then
    return of
  end
  return shape .. " of " .. type_text(of)
end

local UNIT = { time = "s since 1970", size = "bytes", ["-"] = "" }

local function meaning_of(entry)
  local text = entry[5]
  if entry.one_of then
    text = text .. ": `" .. table.concat(entry.one_of, "`, `") .. "`"
  end
  return text
end

local function part_text(name, lines)
  local part = fields.part(name)
  local filtered = false
  for _, entry in ipairs(part) do
    filtered = filtered or entry.filter ~= nil
  end
  lines[#lines + 1] = "## " .. name:gsub("_", " ")
  lines[#lines + 1] = ""
  lines[#lines + 1] = part.about
  lines[#lines + 1] = ""
  lines[#lines + 1] = "| key | type | unit | meaning | " .. (filtered and "Wireshark | " or "") .. "since |"
  lines[#lines + 1] = "|---|---|---|---|" .. (filtered and "---|" or "") .. "---|"
  for _, entry in ipairs(part) do
    lines[#lines + 1] = ("| `%s` | %s | %s | %s | %s%s |"):format(entry[1], type_text(entry[2]),
      UNIT[entry[3]] or entry[3], meaning_of(entry), filtered and (entry.filter or "–") .. " | " or "", entry[4])
  end
  lines[#lines + 1] = ""
end

local page = {}

--- The whole page, as Markdown.
-- @treturn string
function page.text()
  local lines, contents = { HEAD }, {}
  for _, name in ipairs(fields.names) do
    contents[#contents + 1] = anchor(name)
  end
  lines[#lines + 1] = table.concat(contents, " · ")
  lines[#lines + 1] = ""
  for _, name in ipairs(fields.names) do
    part_text(name, lines)
  end
  return (table.concat(lines, "\n"):gsub("\n+$", "\n"))
end

return page
