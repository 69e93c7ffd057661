--- What became of connections, as rules see it: cells of `connection_sums.outcomes`.
-- @module mcpcap.findings.outcomes

local say = require "mcpcap.phrases"

local outcomes = {}

local SEVERITY = { error = 3, warning = 2, info = 1 }
local MOST_FRAMES = 5

local function less(a, b)
  return a < b
end

--- Some outcomes of one side together.
-- @tparam table case see mcpcap.findings
-- @tparam table codes of outcomes
-- @tparam string by "client" or "server"
-- @treturn table|nil `{connections, shortest_ms, longest_ms, bytes, detail, frames}`; nil: there are none
function outcomes.sum(case, codes, by)
  local sum
  for _, code in ipairs(codes) do
    local cell = (case.sums.outcomes[code] or {})[by]
    if cell then
      sum = sum or { connections = 0, bytes = 0, detail = 0, longest_ms = 0, shortest_ms = math.huge, frames = {} }
      sum.connections = sum.connections + cell.connections
      sum.bytes = sum.bytes + cell.bytes
      sum.detail = math.max(sum.detail, cell.detail or 0)
      sum.shortest_ms = math.min(sum.shortest_ms, cell.shortest_ms)
      sum.longest_ms = math.max(sum.longest_ms, cell.longest_ms)
      for _, frame in ipairs(cell.frames) do
        sum.frames[#sum.frames + 1] = frame
      end
    end
  end
  if sum then
    table.sort(sum.frames, less)
    for i = #sum.frames, MOST_FRAMES + 1, -1 do
      sum.frames[i] = nil
    end
  end
  return sum
end

--- A list, or nil where it is empty.
function outcomes.or_nothing(list)
  return #list > 0 and list or nil
end

--- Where one would look next.
function outcomes.process_log(by)
  return ("the log of the %s's process at that time"):format(by)
end

--- "3 of 10 connections (30 %)".
function outcomes.share(case, cell)
  return say.of(cell.connections, case.sums.total, "connection")
end

--- "5.0 s", or "5.0 to 12 s" where they differ.
function outcomes.span(cell)
  local least, most = say.ms(cell.shortest_ms), say.ms(cell.longest_ms)
  return least == most and least or ("%s to %s"):format(least, most)
end

--- What shows a cell in Wireshark: its frames where these are all, else the resets of a side.
function outcomes.resets_filter(case, cell, by)
  if cell.connections <= #cell.frames then
    return say.frames_filter(cell.frames)
  end
  return case.filter[by == "client" and "client_to_server" or "server_to_client"] .. " && tcp.flags.reset == 1"
end

--- A rule that sums up outcomes.
-- @tparam table o `id`, `about`, `needs`, `rests_on_each` (no packet may be missing, or stand in another's place),
-- `rests_on_words` (what tells its innocents is what they say: "heads" of HTTP, "all"),
-- `outcomes` (their codes), `tell(case, by, cell, other)`: the finding for the side that the outcomes are about, or nil;
-- what it leaves out (evidence) is filled in
-- @treturn table the rule: it speaks of the side with the weightier finding, then of that with more connections
function outcomes.rule(o)
  return {
    id = o.id,
    about = o.about,
    needs = o.needs,
    rests_on_each = o.rests_on_each,
    rests_on_words = o.rests_on_words,
    check = function(case)
      local best, best_cell
      for _, by in ipairs({ "client", "server" }) do
        local cell = outcomes.sum(case, o.outcomes, by)
        local found = cell and o.tell(case, by, cell, say.other(by))
        if found then
          local evidence = found.evidence or {}
          evidence.counts = evidence.counts or { connections = cell.connections, of = case.sums.total }
          evidence.frames = evidence.frames or cell.frames
          evidence.display_filter = evidence.display_filter or outcomes.resets_filter(case, cell, by)
          found.evidence = evidence
          if not best or SEVERITY[found.severity] > SEVERITY[best.severity]
            or (found.severity == best.severity and cell.connections > best_cell.connections) then
            if best then
              found.evidence.counts["by_" .. say.other(by)] = best_cell.connections
            end
            best, best_cell = found, cell
          else
            best.evidence.counts["by_" .. by] = cell.connections
          end
        end
      end
      return best
    end,
  }
end

return outcomes
