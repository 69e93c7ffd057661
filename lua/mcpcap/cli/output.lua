--- What a command writes arrives, or it is said why not.
-- @module mcpcap.cli.output

local escape = require "mcpcap.escape"
local needed = require "mcpcap.cli.needed"

local output = {}

-- 141 is what a shell reports of a program that wrote into a pipe that nobody reads, and what
-- ours ends with when that signal is ignored.
local DONE, WORLD, PIPE = 0, 1, 141

--- Writes and sees to it that everything arrived: a full disk shows itself only when the buffer is emptied.
-- @param stream
-- @tparam string text
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] integer number of the system's error
function output.write_all(stream, text)
  local ok, message, number = stream:write(text)
  if ok then
    ok, message, number = stream:flush()
  end
  if ok then
    return true
  end
  return nil, tostring(message), number
end

-- EPIPE; the text is that of the C library, the number that of every system.
local function is_broken_pipe(message, number)
  return number == 32 or message:find("Broken pipe", 1, true) ~= nil
end

--- Writes to standard output; a failure is said on standard error, but that nobody reads.
-- @tparam table at `out` and `err`
-- @tparam string text
-- @tparam[opt] string command whose output it is, for the message
-- @treturn integer exit status
function output.write(at, text, command)
  local ok, message, number = output.write_all(at.out, text)
  if ok then
    return DONE
  elseif is_broken_pipe(message, number) then
    return PIPE
  end
  at.err:write("mcpcap: ", command and command .. ": " or "", "standard output: ", escape.visible(message), "\n")
  return WORLD
end

-- `mcpcap.core` knows files by more than their names; without it, names are compared.
local function is_same_file(a, b)
  local core = needed.load "mcpcap.core"
  if type(core) == "table" and core.is_same_file then
    return core.is_same_file(a, b)
  end
  return a == b
end

--- What a job would write over although it reads it.
-- @tparam table job of `mcpcap.cli.options`
-- @treturn ?string name of the file
function output.overwrites(job)
  local read = {}
  for _, source in ipairs(job.sources or job.captures) do
    for _, capture in ipairs(type(source) == "table" and source or { source }) do
      read[#read + 1] = capture
    end
  end
  for _, capture in ipairs(read) do
    if job.output and is_same_file(job.output, capture) or job.save and is_same_file(job.save, capture) then
      return capture
    end
  end
  -- a state that is gone on from may be replaced by the one behind it, which is written beside it first
  if job.output and job.options.state and is_same_file(job.output, job.options.state) then
    return job.options.state
  end
end

return output
