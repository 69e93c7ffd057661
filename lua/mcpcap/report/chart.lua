--- The timeline as inline SVG: payload toward the client above the axis,
-- toward the server below, retransmissions on top of the bars, resets as lines.
-- @module mcpcap.report.chart

local timeline = require "mcpcap.report.timeline"
local units = require "mcpcap.report.units"

local chart = {}

local WIDTH, HEIGHT = 1000, 260
local LEFT, RIGHT = 8, 8
local TOP, BOTTOM = 20, 230        -- what the bars have
local LEAST = 30                   -- and the side with less payload at least
local MAX_BARS = 240

local function n(value)
  return (units.fixed(value, 2):gsub("%.?0+$", ""))
end

-- Lanes by what and direction: by.payload_bytes.client_to_server.
local function index(section)
  local by, step = {}, 1
  for _, lane in ipairs(section.lanes) do
    local values, one = timeline.fold(lane.values, MAX_BARS)
    step = one
    by[lane.id] = by[lane.id] or {}
    by[lane.id][lane.direction] = values
  end
  return by, step
end

local function peak_of(lanes)
  local peak = 0
  for _, values in pairs(lanes or {}) do
    for _, value in ipairs(values) do
      peak = math.max(peak, value)
    end
  end
  return peak
end

local function peak_of_one(lanes, direction)
  return peak_of { lanes and lanes[direction] or {} }
end

-- The axis and the height of a byte: one scale for both sides, so that bars
-- compare, and the axis where the larger side has the room it needs.
local function layout(by)
  local up = peak_of_one(by.payload_bytes, "server_to_client")
  local down = peak_of_one(by.payload_bytes, "client_to_server")
  local room = BOTTOM - TOP
  local above = up + down > 0 and room * up / (up + down) or room / 2
  above = math.max(LEAST, math.min(room - LEAST, above))
  local scale = math.huge
  if up > 0 then
    scale = above / up
  end
  if down > 0 then
    scale = math.min(scale, (room - above) / down)
  end
  return math.floor(TOP + above), scale
end

local function value_at(lanes, direction, i)
  return lanes and lanes[direction] and lanes[direction][i] or 0
end

-- What a bucket holds, in words; a browser shows it beside the pointer.
local function words(by, direction, i, section, step)
  local parts = { direction == "client_to_server" and "client to server" or "server to client" }
  if section.seconds then
    parts[1] = ("%s at %s"):format(parts[1], units.duration((i - 1) * step * section.seconds))
  end
  parts[2] = units.bytes(value_at(by.payload_bytes, direction, i)) .. " payload"
  for _, kind in ipairs { "packets", "retransmissions", "resets" } do
    local value = value_at(by[kind], direction, i)
    parts[#parts + 1] = value > 0 and units.count(value) .. " " .. kind or nil
  end
  return table.concat(parts, ", ")
end

local function rect(class, x, y, width, height)
  return ('<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>'):format(class, n(x), n(y), n(width), n(height))
end

-- One bucket of one direction: the bar, its resent part, resets.
local function bucket(out, by, i, direction, geometry)
  local middle = geometry.middle
  local payload = value_at(by.payload_bytes, direction, i)
  local resent = value_at(by.retransmissions, direction, i)
  local resets = value_at(by.resets, direction, i)
  if payload + resent + resets == 0 and value_at(by.packets, direction, i) == 0 then
    return
  end
  local up = direction == "server_to_client"
  local x, width = geometry.left + (i - 1) * geometry.pitch, math.max(geometry.pitch - geometry.gap, 0.6)
  local height = payload > 0 and math.max(payload * geometry.scale, 1) or 0
  out[#out + 1] = "<g><title>" .. geometry.text(words(by, direction, i, geometry.section, geometry.step)) .. "</title>"
  out[#out + 1] = rect(up and "down" or "up", x, up and middle - height or middle, width, height)
  if resent > 0 then
    -- Segments, not bytes, so its height is a share of the segments that carried data.
    local share = math.min(1, resent / math.max(value_at(by.packets, direction, i), resent))
    local part = math.max(height * share, 3)
    out[#out + 1] = rect("lost", x, up and middle - height or middle + height - part, width, part)
  end
  if resets > 0 then
    local at = n(x + width / 2)
    out[#out + 1] = ('<line class="mark" x1="%s" y1="%d" x2="%s" y2="%d"/>'):format(
      at, up and TOP - 6 or middle, at, up and middle or BOTTOM + 6)
  end
  out[#out + 1] = "</g>\n"
end

local function label(out, x, y, anchor, text)
  out[#out + 1] = ('<text x="%s" y="%s" text-anchor="%s">%s</text>\n'):format(n(x), n(y), anchor, text)
end

local function put_axis(out, section, middle, text)
  out[#out + 1] = ('<line class="axis" x1="%d" y1="%d" x2="%d" y2="%d"/>\n'):format(
    LEFT, middle, WIDTH - RIGHT, middle)
  if not section.seconds then
    return
  end
  local total = section.seconds * section.count
  for quarter = 0, 4 do
    local anchor = quarter == 0 and "start" or quarter == 4 and "end" or "middle"
    label(out, LEFT + (WIDTH - LEFT - RIGHT) * quarter / 4, HEIGHT - 8, anchor,
      quarter == 0 and "0" or text(units.duration(total * quarter / 4)))
  end
end

local function put_key(out, by)
  out[#out + 1] = '<p class="key"><span><i class="down"></i>payload, server to client (above)</span>'
    .. '<span><i class="up"></i>payload, client to server (below)</span>'
  if peak_of(by.retransmissions) > 0 then
    out[#out + 1] = '<span><i class="lost"></i>retransmissions, as a share of the packets</span>'
  end
  if peak_of(by.resets) > 0 then
    out[#out + 1] = '<span><i class="mark"></i>line: a reset</span>'
  end
  out[#out + 1] = "</p>\n"
end

local ROWS = 24

-- The same figures for those who do not see the drawing.
local function put_figures(out, section, text)
  out[#out + 1] = '<details><summary>The same as figures</summary>\n<div class="scroll" tabindex="0" role="region"'
    .. ' aria-label="Figures of the timeline"><table>\n<thead><tr>'
    .. '<th scope="col">from</th>'
  local columns, count, step = {}, 0, 1
  for i, lane in ipairs(section.lanes) do
    columns[i], step = timeline.fold(lane.values, ROWS)
    count = math.max(count, #columns[i])
    out[#out + 1] = '<th scope="col" class="r">' .. text(lane.label .. ", " .. lane.way) .. "</th>"
  end
  out[#out + 1] = "</tr></thead>\n<tbody>\n"
  for i = 1, count do
    local first = (i - 1) * step
    local from = section.seconds and (i == 1 and "0" or units.duration(first * section.seconds))
      or units.count(first + 1)
    out[#out + 1] = '<tr><th scope="row">' .. text(from) .. "</th>"
    for c, lane in ipairs(section.lanes) do
      out[#out + 1] = '<td class="r">' .. text(lane.show(columns[c][i] or 0)) .. "</td>"
    end
    out[#out + 1] = "</tr>\n"
  end
  out[#out + 1] = "</tbody></table></div></details>\n"
end

--- Draws a timeline section.
-- @tparam table section of `mcpcap.report.timeline`
-- @tparam function text makes a string safe for HTML
-- @treturn string HTML
function chart.draw(section, text)
  local by, step = index(section)
  local count = math.ceil(section.count / step)
  local peak = peak_of(by.payload_bytes)
  local middle, scale = layout(by)
  local pitch = (WIDTH - LEFT - RIGHT) / count
  local geometry = {
    left = LEFT, pitch = pitch, gap = math.min(pitch * 0.2, 2), middle = middle, scale = scale,
    section = section, step = step, text = text,
  }
  local out = { '<p class="sub">', text(timeline.caption(section)), "</p>\n" }
  put_key(out, by)
  local summary = ("Payload over time in both directions; the highest bar is %s."):format(units.bytes(peak))
  out[#out + 1] = ('<svg viewBox="0 0 %d %d" role="img" aria-label="%s">\n'):format(WIDTH, HEIGHT, text(summary))
  for i = 1, count do
    bucket(out, by, i, "server_to_client", geometry)
    bucket(out, by, i, "client_to_server", geometry)
  end
  put_axis(out, section, middle, text)
  label(out, WIDTH - RIGHT, 12, "end", text("highest bar: " .. units.bytes(peak)))
  out[#out + 1] = "</svg>\n"
  put_figures(out, section, text)
  return table.concat(out)
end

return chart
