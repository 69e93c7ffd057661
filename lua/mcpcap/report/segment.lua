--- Words about one segment.
-- @module mcpcap.report.segment

local fields = require "mcpcap.report.fields"
local units = require "mcpcap.report.units"

local number, table_of = fields.number, fields.table_of

local segment = {}

--- What the rules say of it: "retransmission, duplicate ack #3".
-- @tparam table row of `mcpcap.connection`
-- @treturn string "" where they say nothing
function segment.labels(row)
  local list = {}
  for i, label in ipairs(table_of(row, "labels")) do
    list[i] = units.words(label)
    if label == "duplicate_ack" and number(row, "duplicate_ack_number") then
      list[i] = ("%s #%.0f"):format(list[i], row.duplicate_ack_number)
    end
  end
  return table.concat(list, ", ")
end

return segment
