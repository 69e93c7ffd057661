--- Compares the product with the plain rules, and the plain rules with tshark, on a
-- random capture.
-- @module compare_random

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local craft = dofile(here .. "../lua/craft.lua")
local random_tcp = dofile(here .. "random_tcp.lua")
local rules_model = dofile(here .. "rules_model.lua")
local tshark = dofile(here .. "tshark.lua")

local compare_random = { craft = craft, random_tcp = random_tcp, tshark = tshark }

local DIRECTION = { c = "client_to_server", s = "server_to_client" }

-- Runs the model over a capture; keeps each frame's flags.
local function run_model(capture, rules, quirks)
  local model, frames = rules_model.new(quirks, rules), {}
  for i, frame in ipairs(capture.frames) do
    frames[i] = model:segment(frame.segment)
    -- the reference's field is there on all three kinds
    if frames[i].fast_retransmissions or frames[i].spurious_retransmissions then
      frames[i].retransmissions = true
    end
  end
  return model, frames
end

local function compare_counts(out, result, model)
  local names = { "max_duplicate_acks", "rtt_samples_raw" }
  for _, name in ipairs(tshark.counters) do
    names[#names + 1] = name
  end
  for side, direction in pairs(DIRECTION) do
    for _, name in ipairs(names) do
      local have, want = result[direction][name], model.counts[side][name] or 0
      if have ~= want then
        out[#out + 1] = ("%s.%s is %s, by the rules %s"):format(direction, name, tostring(have), want)
      end
    end
  end
end

local BYTES = { "payload_bytes", "unique_bytes", "retransmitted_bytes", "missing_bytes" }

local OTHER = { client_to_server = "server_to_client", server_to_client = "client_to_server" }

-- An acknowledgement of what nobody sent, or that is taken back at once, names nothing
-- that is missing: then the model only says what is the most.
local function is_in_doubt(result, direction, name, got, want)
  return name == "missing_bytes" and got < want and result[OTHER[direction]].odd_segments.far_ack > 0
end

-- What is far from all that its side has sent is kept out of the stream.
local function compare_bytes(out, result, i, row, connection)
  for side, direction in pairs(DIRECTION) do
    local want = rules_model.bytes(connection[side])
    for k, name in ipairs(BYTES) do
      -- what is missing counts from the first number, and from which one where there are two the model does not know
      local followed = name ~= "missing_bytes" or not (connection[side].renumbered or connection.follows_another)
      local is_kept = name == "payload_bytes" or result[direction].odd_segments.far_seq == 0
      if followed and is_kept and row[direction][name] ~= want[k]
        and not is_in_doubt(result, direction, name, row[direction][name], want[k]) then
        out[#out + 1] = ("connection %d: %s.%s is %s, by plain ranges %s"):format(i, direction, name,
          tostring(row[direction][name]), tostring(want[k]))
      end
    end
  end
end

local function compare_rows(out, result, model)
  table.sort(result.connections, function(a, b)
    return a.first_frame < b.first_frame
  end)
  if #result.connections ~= #model.connections then
    out[#out + 1] = ("%d connections, by the rules %d"):format(#result.connections, #model.connections)
    return
  end
  for i, row in ipairs(result.connections) do
    local want = model.connections[i].completeness
    if row.completeness ~= want then
      out[#out + 1] = ("connection %d: completeness %d, by the rules %d"):format(i, row.completeness, want)
    end
    local state = model.connections[i].state
    if row.state ~= state:result() then
      out[#out + 1] = ("connection %d: state %s, by the table %s"):format(i, row.state, state:result())
    end
    local history = row.history_complete and state.history or state.history:sub(1, #row.history)
    if row.history ~= history then
      out[#out + 1] = ("connection %d: history %s, by the table %s"):format(i, row.history, state.history)
    end
    if not row.approximate_bytes then
      compare_bytes(out, result, i, row, model.connections[i])
    end
  end
end

--- The product against the rules.
-- @tparam table capture of random_tcp
-- @tparam table result of analyze_traffic_flow, with all connection rows
-- @treturn table differences, as sentences; empty when there are none
function compare_random.with_rules(capture, result)
  local out = {}
  local model = run_model(capture, result.rules, false)
  compare_counts(out, result, model)
  compare_rows(out, result, model)
  return out
end

-- True if each bit of 'a' is one of 'b'.
local function is_subset(a, b)
  for i = 0, 5 do
    local bit = 2 ^ i
    if math.floor(a / bit) % 2 == 1 and math.floor(b / bit) % 2 == 0 then
      return false
    end
  end
  return true
end

local function compare_completeness(out, model, found)
  for i, connection in ipairs(model.connections) do
    -- since 4.4 the second pass begins with what the first made of the whole stream
    local value, limits = connection.completeness, found[i] or { first = 64, last = 64 }
    -- of a stream's only segment tshark never shows what it made of it
    if connection.segments > 1 and not (is_subset(limits.first, value) and is_subset(value, limits.last)) then
      out[#out + 1] = ("stream %d: completeness %d, tshark %d to %d"):format(i - 1, value, limits.first, limits.last)
    end
  end
end

local function compare_frames(out, frames, found)
  for i, flags in ipairs(frames) do
    for _, name in ipairs(tshark.counters) do
      if (flags[name] and true) ~= found.frames[i][name] then
        out[#out + 1] = ("frame %d: %s %s, tshark %s"):format(i, name, tostring(flags[name]),
          tostring(found.frames[i][name]))
      end
    end
  end
end

local function compare_sums(out, model, found)
  for side in pairs(DIRECTION) do
    for _, name in ipairs({ "max_duplicate_acks", "rtt_samples_shown" }) do
      local have, want = model.counts[side][name] or 0, found[side][name] or 0
      if have ~= want then
        out[#out + 1] = ("%s.%s is %d, tshark %d"):format(side, name, have, want)
      end
    end
  end
end

-- Frames whose flags the product gives otherwise on purpose (D7, D8).
local function count_deviations(strict, quirky)
  local n = 0
  for i, flags in ipairs(strict) do
    for _, name in ipairs(tshark.counters) do
      if (flags[name] and true) ~= (quirky[i][name] and true) then
        n = n + 1
        break
      end
    end
  end
  return n
end

-- The captures one behind the other in one file: tshark starts slowly.
local function save_all(captures)
  local path, sizes = os.tmpname(), {}
  local file = assert(io.open(path, "wb"))
  for i, capture in ipairs(captures) do
    local bytes = capture:bytes()
    sizes[i] = #capture.frames
    file:write(i == 1 and bytes or bytes:sub(25))
  end
  file:close()
  return path, sizes
end

local function compare_with(capture, rules, found, completeness)
  local out = {}
  local _, strict = run_model(capture, rules, false)
  local model, frames = run_model(capture, rules, true)
  if found.streams ~= #model.connections then
    out[#out + 1] = ("%d connections, tshark %d"):format(#model.connections, found.streams)
  end
  compare_frames(out, frames, found)
  compare_sums(out, model, found)
  compare_completeness(out, model, completeness)
  return { differences = out, on_purpose = count_deviations(strict, frames), counts = found }
end

--- The rules, with the reference's quirks, against tshark, frame by frame.
-- @tparam {table,...} captures of random_tcp, made with a `place` each
-- @tparam string rules those of the tshark at hand
-- @treturn {table,...} of each capture: `differences` as sentences, `on_purpose` how many frames have flags that
-- the product gives otherwise on purpose, `counts` of tshark
function compare_random.with_tshark(captures, rules)
  local path, sizes = save_all(captures)
  local found = tshark.count(path, captures[1].sides.s.port, sizes)
  local completeness = tshark.completeness(path, sizes)
  os.remove(path)
  local out = {}
  for i, capture in ipairs(captures) do
    out[i] = compare_with(capture, rules, found[i], completeness[i])
  end
  return out
end

return compare_random
