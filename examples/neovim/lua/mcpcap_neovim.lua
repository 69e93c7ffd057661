--- mcpcap in Neovim: a report in a buffer.
--
-- The capture is read in slices between the editor's other work; closing the
-- buffer ends it.
-- @module mcpcap_neovim

local mcpcap_neovim = {}

-- Short enough that typing is not felt.
local SLICE_MS = 10
local FIRST, LEAST, MOST = 4096, 512, 65536
-- An idle source (a download) is asked again after so long.
local IDLE_MS = 50

local function complain(message)
  vim.api.nvim_err_writeln("mcpcap: " .. message)
end

-- "Lua 5.1" modules load in LuaJIT; a missing one is said, not thrown.
local function load_library()
  local ok, mcpcap = pcall(require, "mcpcap")
  if not ok then
    return nil, tostring(mcpcap):match("^[^\n]*")
  end
  return mcpcap, require "mcpcap.report"
end

local function set_lines(buffer, text)
  if not vim.api.nvim_buf_is_valid(buffer) then
    return
  end
  vim.api.nvim_buf_set_option(buffer, "modifiable", true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, "\n", { plain = true }))
  vim.api.nvim_buf_set_option(buffer, "modifiable", false)
  vim.api.nvim_buf_set_option(buffer, "modified", false)
end

-- A window with a buffer that belongs to nothing on disk.
local function open_buffer(name)
  vim.cmd "new"
  local buffer = vim.api.nvim_get_current_buf()
  for option, value in pairs { buftype = "nofile", bufhidden = "wipe", swapfile = false, filetype = "markdown" } do
    vim.api.nvim_buf_set_option(buffer, option, value)
  end
  -- Two reports may have one name, which buffers must not.
  local base, n = "mcpcap://" .. name, 1
  while not pcall(vim.api.nvim_buf_set_name, buffer, n == 1 and base or ("%s (%d)"):format(base, n)) and n < 100 do
    n = n + 1
  end
  return buffer
end

local function next_slice(slice, ms)
  if ms > SLICE_MS then
    return math.max(math.floor(slice / 2), LEAST)
  elseif ms < SLICE_MS / 2 then
    return math.min(slice * 2, MOST)
  end
  return slice
end

-- Reads a slice, and asks the editor for the next turn.
local function work(job)
  if job.ended then
    return
  end
  local before, begin = job.session:progress(), vim.loop.hrtime()
  local state, message = job.session:step(job.slice)
  local ms = (vim.loop.hrtime() - begin) / 1e6
  if state == "more" then
    local done, total = job.session:progress()
    job.slice = next_slice(job.slice, ms)
    if total > 0 and math.floor(100 * done / total) > (job.shown or -1) then
      job.shown = math.floor(100 * done / total)
      set_lines(job.buffer, ("Reading: %d %%"):format(job.shown))
    end
    return vim.defer_fn(function() work(job) end, done == before and ms < 1 and IDLE_MS or 1)
  end
  local result
  if state == "done" then
    result, message = job.session:result()
  end
  job.finish()
  set_lines(job.buffer, result and job.report.render(result, job.format) or "No report: " .. message)
end

-- A path as the user means it; a URL stays as it is.
local function path_of(text)
  if text:find("^%a[%w+.-]*://") then
    return text
  end
  return vim.fn.fnamemodify(text, ":p")
end

--- Opens a window and fills it when the report is there.
-- @tparam string file path or URL
-- @tparam string server address
-- @tparam[opt] string port
-- @treturn ?integer the buffer, nil when there will be no report (a message says why)
function mcpcap_neovim.report(file, server, port, more)
  if not file or not server or more then
    return complain("McpcapReport FILE SERVER [PORT]")
  end
  local mcpcap, report = load_library()
  if not mcpcap then
    return complain(report)
  end
  local number = port and tonumber(port)
  if port and not number then
    return complain("port: an integer from 1 to 65535 expected")
  end
  local ok, session, message = pcall(mcpcap.open, path_of(file), server, number)
  if not ok then
    return complain((tostring(session):gsub("^.*bad argument #%d+ to '[^']*' %((.*)%)$", "%1")))
  elseif not session then
    return complain(message)
  end
  local job = { session = session, report = report, format = "markdown", slice = FIRST,
    buffer = open_buffer(file .. " " .. server .. (port and ":" .. port or "")) }
  function job.finish()
    job.ended = true
    session:close()
  end
  vim.api.nvim_create_autocmd("BufWipeout", { buffer = job.buffer, once = true, callback = job.finish })
  set_lines(job.buffer, "Reading")
  work(job)
  return job.buffer
end

return mcpcap_neovim
