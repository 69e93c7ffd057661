--- Wholes and their parts: what limited transfers, and what became of every frame.
-- @module mcpcap.report.shares

local fields = require "mcpcap.report.fields"
local ledger = require("mcpcap.report.sections").FRAMES
local units = require "mcpcap.report.units"

local number, table_of = fields.number, fields.table_of

local shares = {}

-- Key, words, and the hue (a class of the page) of each part; kin has kindred hues.
local LIMITS = {
  { "other_side", "the other side's turn", "p0" },
  { "answering", "asked, its answer not begun", "p1" },
  { "pausing", "nothing to send, in the middle of its turn", "p2" },
  { "writing", "nothing to send, earlier data on the way", "p3" },
  { "receiver_window", "the receiver's window was full", "p4" },
  { "closed_window", "the receiver's window was closed", "p5" },
  { "recovery", "repair of a loss", "p6" },
  { "timeouts", "repair of a loss, after a timeout", "p7" },
  { "path", "the path's own rate", "p8" },
  { "slow_start", "slow start", "p9" },
  { "sender_window", "its send window", "p10" },
}

local DIRECTIONS = {
  { "client_to_server", "client to server" }, { "server_to_client", "server to client" },
}

-- What is not to be seen in a bar needs no line.
local LEAST = 0.001

local function limits_of(t)
  local parts = {}
  for _, limit in ipairs(LIMITS) do
    local share = number(table_of(t, "shares"), limit[1]) or 0
    if share >= LEAST then
      parts[#parts + 1] = { name = limit[2], share = math.min(share, 1), class = limit[3], text = units.percent(share) }
    end
  end
  return parts
end

--- What limited the transfers of both sides.
-- @tparam table result
-- @treturn ?table section of the kind `shares`; nil where nothing is told
function shares.limits(result)
  local items = {}
  for _, direction in ipairs(DIRECTIONS) do
    local t = table_of(table_of(result, direction[1]), "limits")
    local parts = limits_of(t)
    if #parts > 0 then
      local ms, bytes, n = number(t, "time_ms"), number(t, "payload_bytes"), number(t, "connections") or 0
      items[#items + 1] = { label = direction[2], parts = parts,
        about = ("%s on %s%s"):format(ms and units.duration(ms / 1000) or "time",
          fields.plural(n, "connection"), bytes and ", " .. units.bytes(bytes) or "") }
    end
  end
  return #items > 0 and { id = "limits", title = "What limited the transfers", kind = "shares", items = items } or nil
end

--- The ledger: what became of every frame that was read.
-- @tparam table result
-- @treturn ?table section of the kind `shares`
function shares.ledger(result)
  local capture, parts = table_of(result, "capture"), {}
  local total = number(capture, "frames") or 0
  for _, kind in ipairs(ledger) do
    local n = number(capture, kind[1]) or 0
    if n > 0 and total > 0 then
      parts[#parts + 1] = { name = kind[2], share = math.min(n / total, 1), class = kind[3],
        text = ("%s (%s)"):format(units.count(n), units.percent(n / total)) }
    end
  end
  return #parts > 0 and { id = "ledger", title = "What became of every frame", kind = "shares",
    items = { { label = "frames", about = units.count(total), parts = parts } } } or nil
end

return shares
