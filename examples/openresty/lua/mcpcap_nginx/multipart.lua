--- Takes a form (multipart/form-data, RFC 7578) apart while it is read.
--
-- Pieces of any size go in; fields come out as strings, the file as pieces, so
-- that nothing large is ever in memory.  No input or output of its own.
-- @module mcpcap_nginx.multipart

local multipart = {}

local parser = {}
parser.__index = parser

local MAX_HEADERS = 8192
local MAX_FIELD = 1024
local MAX_PARTS = 20

--- The boundary of a Content-Type header, or nil.
function multipart.boundary(content_type)
  if type(content_type) ~= "string" or not content_type:lower():find("^multipart/form%-data%s*;") then
    return nil
  end
  local boundary = content_type:match("[;%s][bB][oO][uU][nN][dD][aA][rR][yY]=\"([^\"]+)\"")
    or content_type:match("[;%s][bB][oO][uU][nN][dD][aA][rR][yY]=([^;%s\"]+)")
  return boundary and #boundary <= 70 and boundary or nil
end

--- A parser.
-- @tparam string boundary
-- @tparam string file_field name of the field that is the file
-- @tparam function on_data is given the pieces of the file
-- @treturn table with `fields` (text by name), `file_name`, `complete`
function multipart.new(boundary, file_field, on_data)
  -- The first boundary has no line end before it, so one is put there.
  return setmetatable({
    mark = "\r\n--" .. boundary, file_field = file_field, on_data = on_data, rest = "\r\n", state = "preamble",
    fields = {}, parts = 0, complete = false,
  }, parser)
end

local function disposition(headers)
  local line = ("\r\n" .. headers .. "\r\n"):match("\r\n[cC][oO][nN][tT][eE][nN][tT]%-[dD][iI][sS][pP][oO][sS][iI][tT]"
    .. "[iI][oO][nN]:[ \t]*([^\r\n]*)")
  if not line then
    return nil
  end
  return (" " .. line):match("[;%s]name=\"([^\"]*)\""), line:match("[;%s]filename=\"([^\"]*)\"")
end

function parser:begin_part(headers)
  self.parts = self.parts + 1
  if self.parts > MAX_PARTS then
    return nil, "too many fields"
  end
  local name, file_name = disposition(headers)
  if not name then
    return nil, "a part without a name"
  end
  self.is_file = name == self.file_field
  if self.is_file then
    if self.file_name then
      return nil, "more than one capture"
    end
    self.file_name = file_name or ""
  end
  self.name, self.value = name, ""
  return true
end

function parser:take(data)
  if self.is_file then
    if data ~= "" then
      self.on_data(data)
    end
    return true
  end
  self.value = self.value .. data
  if #self.value > MAX_FIELD then
    return nil, "a field is too long"
  end
  return true
end

local steps = {}

-- Everything before the first boundary means nothing.
function steps.preamble(self)
  local _, till = self.rest:find(self.mark, 1, true)
  if till then
    self.rest, self.state = self.rest:sub(till + 1), "after"
    return true
  end
  self.rest = self.rest:sub(-#self.mark)
  return false
end

-- Behind a boundary stand two hyphens (the end) or a line end.
function steps.after(self)
  if #self.rest < 2 then
    return false
  end
  if self.rest:sub(1, 2) == "--" then
    self.complete, self.rest, self.state = true, "", "epilogue"
    return false
  end
  local _, till = self.rest:find("^[ \t]*\r\n")
  if not till then
    if #self.rest > MAX_HEADERS or not self.rest:find("^[ \t]*\r?$") then
      return nil, "a broken boundary"
    end
    return false
  end
  self.rest, self.state = self.rest:sub(till - 1), "headers"
  return true
end

-- The line end of the boundary is still there, so a part without headers works too.
function steps.headers(self)
  local from, till = self.rest:find("\r\n\r\n", 1, true)
  if not from then
    if #self.rest > MAX_HEADERS then
      return nil, "headers of a part are too long"
    end
    return false
  end
  local ok, why = self:begin_part(self.rest:sub(3, from - 1))
  if not ok then
    return nil, why
  end
  self.rest, self.state = self.rest:sub(till + 1), "data"
  return true
end

function steps.data(self)
  local from, till = self.rest:find(self.mark, 1, true)
  if not from then
    -- What could be the beginning of a boundary stays.
    local keep = #self.mark - 1
    if #self.rest <= keep then
      return false
    end
    local ok, why = self:take(self.rest:sub(1, -keep - 1))
    if not ok then
      return nil, why
    end
    self.rest = self.rest:sub(-keep)
    return false
  end
  local ok, why = self:take(self.rest:sub(1, from - 1))
  if not ok then
    return nil, why
  end
  if not self.is_file then
    self.fields[self.name] = self.value
  end
  self.rest, self.state = self.rest:sub(till + 1), "after"
  return true
end

function steps.epilogue(self)
  self.rest = ""
  return false
end

--- Takes a piece.
-- @tparam string piece
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string what is wrong with the form
function parser:feed(piece)
  self.rest = self.rest .. piece
  local more, why
  repeat
    more, why = steps[self.state](self)
  until not more
  if more == nil then
    return nil, why
  end
  return true
end

return multipart
