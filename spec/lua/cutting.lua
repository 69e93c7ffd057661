-- Cuts captures into pieces between two records.
--
--     local cutting = dofile(here .. "cutting.lua")
--     local head, records = cutting.records_of(bytes)

local cutting = {}

local function number(bytes, at, little)
  local a, b, c, d = bytes:byte(at, at + 3)
  if little then
    a, b, c, d = d, c, b, a
  end
  return ((a * 256 + b) * 256 + c) * 256 + d
end

--- The head of a capture and its records; pcap, or pcapng of one section whose interfaces come first.
-- nil where it is neither.
function cutting.records_of(bytes)
  local head, list, at = "", {}, 1
  local first, second = bytes:byte(1, 2)
  local is_ng = bytes:sub(1, 4) == "\10\13\13\10"
  if not is_ng and not (first == 0xa1 or second == 0xb2 or bytes:byte(4) == 0xa1 or bytes:byte(3) == 0xb2) then
    return nil
  end
  local little = first == 0x4d or first == 0xd4 or is_ng and bytes:byte(9) == 0x4d
  if not is_ng then
    head, at = bytes:sub(1, 24), 25
  end
  while at + 12 <= #bytes do
    local size = is_ng and number(bytes, at + 4, little) or 16 + number(bytes, at + 8, little)
    local record = bytes:sub(at, at + size - 1)
    local kind = is_ng and number(bytes, at, little)
    if kind == 0x0a0d0d0a or kind == 1 then
      if #list > 0 then
        return nil
      end
      head = head .. record
    else
      list[#list + 1] = record
    end
    if size < 12 or #record < size then
      return nil
    end
    at = at + size
  end
  return head, list
end

--- The capture in two or more, as texts, cut behind these records.
function cutting.cut(bytes, ends)
  local head, list = cutting.records_of(bytes)
  local pieces, from = {}, 1
  for i = 1, #ends + 1 do
    local to = ends[i] or #list
    pieces[i] = head .. table.concat(list, "", from, to)
    from = to + 1
  end
  return pieces
end

return cutting
