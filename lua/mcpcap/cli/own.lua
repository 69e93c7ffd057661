--- Commands whose words are their own affair: `serve`, `watch` and `install`, which need argparse and luv, and
-- `points`, which needs argparse.
-- @module mcpcap.cli.own

local escape = require "mcpcap.escape"
local needed = require "mcpcap.cli.needed"

local own = {}

local DONE, WORLD, USAGE = 0, 1, 2

--- A parser that raises `{ help = }` or `{ usage =, message = }`, for `own.main`.
-- @tparam table argparse the library
-- @tparam string name of the command
-- @tparam string about what it does
-- @tparam string epilog of its help
-- @treturn table the parser; it has -h
function own.parser(argparse, name, about, epilog)
  local parser = argparse("mcpcap " .. name, about)
    :add_help(false):help_max_width(90):usage_max_width(80):epilog(epilog)
  parser:flag("-h --help", "show this help and exit"):action(function()
    error({ help = parser:get_help() }, 0)
  end)
  function parser.error(where, message)
    error({ usage = where:get_usage(), message = message }, 0)
  end
  return parser
end

-- A module of Lua that the command needs, or nil: that is said.
local function load(name, command, err)
  local module = needed.load(name)
  if not module then
    err:write(("mcpcap: %s: the Lua module %s is missing (Debian: lua-%s)\n"):format(command, name, name))
    return nil
  end
  return module
end

--- Reads the words behind a command and runs it.
-- @tparam string name of the command
-- @tparam table words the arguments, from 1
-- @tparam table at `out` and `err`
-- @tparam function build makes the parser, of argparse
-- @tparam function run is given the arguments and luv, and gives the exit status
-- @tparam[opt] boolean without_luv it needs none, and is given none
-- @treturn integer exit status
function own.main(name, words, at, build, run, without_luv)
  local argparse = load("argparse", name, at.err)
  local uv = not without_luv and load("luv", name, at.err)
  if not argparse or not (uv or without_luv) then
    return WORLD
  end
  local parser = build(argparse)
  local ok, args = pcall(parser.parse, parser, words)
  if ok then
    return run(args, uv)
  elseif type(args) ~= "table" then
    error(args, 0)
  elseif args.help then
    at.out:write(args.help, "\n")
    return DONE
  end
  at.err:write(args.usage, "\nmcpcap: ", name, ": ", escape.visible((args.message:gsub("\n", ". "))), "\n")
  return USAGE
end

return own
