--- What tshark counts in a capture, by direction, for comparing.
-- @module tshark

local tshark = {}

-- Counter of ours, field of tshark.
local FIELDS = {
  { "retransmissions", "tcp.analysis.retransmission" },
  { "fast_retransmissions", "tcp.analysis.fast_retransmission" },
  { "spurious_retransmissions", "tcp.analysis.spurious_retransmission" },
  { "out_of_order", "tcp.analysis.out_of_order" },
  { "lost_segments", "tcp.analysis.lost_segment" },
  { "acked_unseen", "tcp.analysis.ack_lost_segment" },
  { "duplicate_acks", "tcp.analysis.duplicate_ack" },
  { "keep_alives", "tcp.analysis.keep_alive" },
  { "keep_alive_acks", "tcp.analysis.keep_alive_ack" },
  { "zero_windows", "tcp.analysis.zero_window" },
  { "zero_window_probes", "tcp.analysis.zero_window_probe" },
  { "zero_window_probe_acks", "tcp.analysis.zero_window_probe_ack" },
  { "window_updates", "tcp.analysis.window_update" },
  { "window_full", "tcp.analysis.window_full" },
  { "reused_ports", "tcp.analysis.reused_ports" },
}

--- Names of the counters that are compared.
tshark.counters = {}
for i, row in ipairs(FIELDS) do
  tshark.counters[i] = row[1]
end

--- The version, or nothing when there is no tshark.
-- @treturn ?string "4.0.17"
function tshark.version()
  local pipe = io.popen("tshark --version 2>/dev/null")
  local text = pipe:read("*a")
  pipe:close()
  return text:match("^%S+ %([^)]*%) (%d+%.%d+%.%d+)")
end

--- The rule set of a version.
-- @tparam ?string version
-- @treturn ?string "wireshark-4.4"; nothing for one whose rules nobody has written down
function tshark.rules(version)
  local minor = tonumber((version or ""):match("^4%.(%d+)%."))
  if not minor or minor > 6 then
    return nil
  end
  return minor >= 6 and "wireshark-4.6" or minor >= 4 and "wireshark-4.4" or minor == 0 and "wireshark-4.0" or nil
end

local function split(line)
  local out = {}
  for cell in (line .. "\t"):gmatch("([^\t]*)\t") do
    out[#out + 1] = cell
  end
  return out
end

-- Which of the captures that lie one behind the other in a file a frame belongs to, and its number there.
local function places(sizes)
  local of, at = 1, 0
  return function(frame)
    while sizes[of] and frame > at + sizes[of] do
      of, at = of + 1, at + sizes[of]
    end
    return of, frame - at
  end
end

local function new_count()
  return { c = { max_duplicate_acks = 0 }, s = { max_duplicate_acks = 0 }, frames = {}, streams = 0 }
end

local function take_line(out, cells, side, frame)
  local n, flags = out[side], {}
  n.max_duplicate_acks = math.max(n.max_duplicate_acks, tonumber(cells[4]) or 0)
  if cells[5] ~= "" then
    local acked = out[side == "c" and "s" or "c"]
    acked.rtt_samples_shown = (acked.rtt_samples_shown or 0) + 1
  end
  for i, row in ipairs(FIELDS) do
    if cells[5 + i] ~= "" then
      flags[row[1]] = true
      n[row[1]] = (n[row[1]] or 0) + 1
    end
  end
  out.frames[frame] = flags
end

--- Runs tshark on a file of captures that have one server port, and no pair of addresses in common.
-- @tparam string path
-- @tparam integer port of the server
-- @tparam {integer,...} sizes how many frames each of the captures has
-- @treturn table of {c = counts, s = counts, frames = {set of flags}, streams = how many}, one for each
function tshark.count(path, port, sizes)
  local command = { "tshark -n -r '" .. path .. "' -Y tcp -T fields -E separator=/t -E occurrence=f",
    "-e frame.number -e tcp.dstport -e tcp.stream -e tcp.analysis.duplicate_ack_num -e tcp.analysis.ack_rtt" }
  for _, row in ipairs(FIELDS) do
    command[#command + 1] = "-e " .. row[2]
  end
  command[#command + 1] = "2>/dev/null"
  local out, place, seen = {}, places(sizes), 0
  for i = 1, #sizes do
    out[i] = new_count()
  end
  local pipe = io.popen(table.concat(command, " "))
  for line in pipe:lines() do
    local cells = split(line)
    local of, frame = place(tonumber(cells[1]))
    local streams = tonumber(cells[3]) + 1
    if streams > seen then
      out[of].streams, seen = out[of].streams + streams - seen, streams
    end
    take_line(out[of], cells, tonumber(cells[2]) == port and "c" or "s", frame)
  end
  pipe:close()
  return out
end

--- The completeness of each stream in the second of two passes: on its first frame it is what the first pass
-- made of the stream, on its last one the stream's first segment has been counted like any other.
-- @tparam string path
-- @tparam {integer,...} sizes as above
-- @treturn table of tables of {first, last} by stream
function tshark.completeness(path, sizes)
  local out, place, streams = {}, places(sizes), {}
  for i = 1, #sizes do
    out[i] = {}
  end
  local fields = "-T fields -e frame.number -e tcp.stream -e tcp.completeness"
  local pipe = io.popen("tshark -2 -n -r '" .. path .. "' -Y tcp " .. fields .. " 2>/dev/null")
  for line in pipe:lines() do
    local cells = split(line)
    local stream, value = tonumber(cells[2]), tonumber(cells[3])
    if not streams[stream] then
      local of = out[(place(tonumber(cells[1])))]
      streams[stream] = { first = value }
      of[#of + 1] = streams[stream]
    end
    streams[stream].last = value
  end
  pipe:close()
  return out
end

return tshark
