--- `mcpcap install CLIENT`: tells an MCP client of the server, in the client's own settings.
--
-- Shows what it would write; writes only when asked to, keeps a copy, and takes it out again.
-- @module mcpcap.cli.install

local escape = require "mcpcap.escape"
local json = require "mcpcap.json"
local json_edit = require "mcpcap.cli.json_edit"
local own = require "mcpcap.cli.own"

local install = {}

local DONE, WORLD, USAGE = 0, 1, 2
local NAME = "mcpcap"

-- Where clients keep their servers: a file below the home folder (on macOS another one for
-- some), and the object in it.
local CLIENTS = {
  ["claude-desktop"] = { ".config/Claude/claude_desktop_config.json", "mcpServers",
    mac = "Library/Application Support/Claude/claude_desktop_config.json" },
  ["claude-code"] = { ".claude.json", "mcpServers", has_type = true },
  cursor = { ".cursor/mcp.json", "mcpServers" },
  vscode = { ".config/Code/User/mcp.json", "servers", has_type = true,
    mac = "Library/Application Support/Code/User/mcp.json" },
  windsurf = { ".codeium/windsurf/mcp_config.json", "mcpServers" },
  gemini = { ".gemini/settings.json", "mcpServers" },
  zed = { ".config/zed/settings.json", "context_servers" },
}

local EPILOG = [[
Clients: claude-code, claude-desktop, cursor, gemini, vscode, windsurf, zed.
Without --write nothing is changed: the file and what would come into it are
shown. With it the file as it was is kept beside it as FILE.before-mcpcap.
--remove takes the entry out. Every other line of the file stays as it is.
Restart the client afterwards.

Examples:
   mcpcap install claude-desktop --root ~/captures
   mcpcap install cursor --root ~/captures --write
   mcpcap install cursor --remove --write]]

local function build(argparse)
  local parser = own.parser(argparse, "install", "Enters the MCP server into the settings of a client.", EPILOG)
  parser:argument("client", "whose settings")
  parser:option("--root", "folder whose captures may be read; may stand more than once"):argname("DIR"):count("*")
  parser:option("--file", "another file of settings than the client's usual one"):argname("FILE")
  parser:flag("--no-url", "the server reads no URLs")
  parser:flag("--remove", "take the entry out again")
  parser:flag("--write", "write the file, instead of showing what would be written")
  return parser
end

-- --------------------------------------------------------------------- files

local function read(path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  local text = file:read("*a")
  file:close()
  return text
end

-- A new file that nobody else can read before it has the rights of the old one.
local function write(uv, path, text, mode)
  local fd, message = uv.fs_open(path, "w", 384)
  if not fd then
    return nil, message
  end
  local ok
  ok, message = uv.fs_write(fd, text, 0)
  if ok and mode then
    ok, message = uv.fs_fchmod(fd, mode)
  end
  local closed, problem = uv.fs_close(fd)
  return ok and closed, message or problem
end

-- Beside the file first, then in its place: a full disk leaves the old one. A link keeps
-- leading where it leads.
local function replace(uv, path, text)
  path = uv.fs_realpath(path) or path
  local facts = uv.fs_stat(path)
  local aside = path .. ".new-mcpcap"
  local ok, message = write(uv, aside, text, facts and facts.mode % 4096)
  if ok then
    ok, message = uv.fs_rename(aside, path)
  end
  if not ok then
    os.remove(aside)
  end
  return ok, message
end

local function make_folders(uv, path)
  for folder in path:gmatch("()/") do
    if folder > 1 then
      uv.fs_mkdir(path:sub(1, folder - 1), 448)
    end
  end
end

-- --------------------------------------------------------------------- entry

-- The server as the client is to start it, with full paths: clients that a desktop starts
-- have no PATH of a shell.
local function entry_of(client, args, uv)
  local words = { "serve" }
  for _, root in ipairs(args.root) do
    local path = uv.fs_realpath(root)
    local facts = path and uv.fs_stat(path)
    if not facts or facts.type ~= "directory" then
      return nil, ("--root %s: no such folder"):format(root)
    end
    words[#words + 1] = "--root"
    words[#words + 1] = path
  end
  if args.no_url then
    words[#words + 1] = "--no-url"
  end
  local list = {}
  for i, word in ipairs(words) do
    list[i] = json.encode(word)
  end
  return ('{\n%s  "command": %s,\n  "args": [%s]\n}'):format(client.has_type and '  "type": "stdio",\n' or "",
    json.encode(args.program), table.concat(list, ", "))
end

-- Are two decoded values the same?
local function is_same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not is_same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

-- The file with the change, or nil and why it is left alone.
local function changed(text, client, entry)
  local group = client[2]
  local known = json.decode(text)
  if type(known) ~= "table" or json.is_array(known) or known[group] ~= nil
    and (type(known[group]) ~= "table" or json.is_array(known[group])) then
    return nil, "is no JSON that can be changed here (comments are none)"
  end
  local after = entry and json_edit.set(text, group, NAME, entry) or json_edit.remove(text, group, NAME)
  local want = known[group] or {}
  want[NAME] = entry and json.decode(entry) or nil
  if entry or known[group] then
    known[group] = want
  end
  if not is_same(known, json.decode(after)) then
    return nil, "has a form in which the entry cannot be placed"
  end
  return after
end

-- --------------------------------------------------------------------- work

-- Raised with a message for whoever asked.
local function refuse(form, ...)
  error({ refusal = form:format(...) }, 0)
end

local function settings_of(client, args, uv, home)
  if args.file then
    return args.file
  elseif not home then
    refuse("HOME is not set: name the file with --file")
  end
  return home .. "/" .. (client.mac and uv.os_uname().sysname == "Darwin" and client.mac or client[1])
end

-- What is to come into the file; nil to take it out.
local function wanted(client, args, uv)
  if args.remove then
    return nil
  elseif #args.root == 0 then
    refuse("--root is missing: which folder may be read?")
  end
  local entry, message = entry_of(client, args, uv)
  return entry or refuse("%s", message)
end

local function show(out, path, entry, is_new)
  out:write(escape.visible(path), is_new and " (new)" or "", ":\n\n",
    entry and ('"%s": %s\n'):format(NAME, entry) or "the entry goes\n", "\nNothing is written yet: add --write.\n")
end

local function store(uv, path, text, is_new)
  local copy = path .. ".before-mcpcap"
  make_folders(uv, path)
  local ok, message = true, nil
  if not is_new then
    ok, message = uv.fs_copyfile(path, copy)
  end
  if ok then
    ok, message = replace(uv, path, text)
  end
  return ok and copy or refuse("%s", message)
end

local function work(client, args, uv, at)
  local path = settings_of(client, args, uv, at.getenv("HOME"))
  local entry = wanted(client, args, uv)
  local is_new = uv.fs_stat(path) == nil
  local before, message = ""
  if not is_new then
    before, message = read(path)
    before = before or refuse("%s", message)
  end
  local after, why = changed(before:find("%S") and before or "{}\n", client, entry)
  if not after then
    if entry then
      at.out:write(('Enter it by hand, under "%s":\n\n"%s": %s\n'):format(client[2], NAME, entry))
    end
    refuse("%s %s; it is left alone", path, why)
  elseif after == before then
    at.out:write(escape.visible(path), entry and ": the entry is there already\n" or ": there is no entry\n")
  elseif not args.write then
    show(at.out, path, entry, is_new)
  else
    local copy = store(uv, path, after, is_new)
    at.out:write(escape.visible(path), entry and ": written" or ": the entry is out",
      is_new and "" or "; as it was: " .. escape.visible(copy), "\n")
  end
end

local function run(args, uv, at)
  local client = CLIENTS[args.client]
  if not client then
    at.err:write(("mcpcap: install: '%s' is no client that is known (mcpcap install --help)\n"):format(
      escape.visible(args.client)))
    return USAGE
  end
  local ok, problem = pcall(work, client, args, uv, at)
  if ok then
    return DONE
  elseif type(problem) ~= "table" then
    error(problem, 0)
  end
  at.err:write("mcpcap: install: ", escape.visible(problem.refusal), "\n")
  return WORLD
end

--- Runs the command.
-- @tparam table words the arguments behind `install`, from 1; 0 is the program's path
-- @tparam table at `out`, `err` and `getenv`
-- @treturn integer exit status
function install.main(words, at)
  return own.main("install", words, at, build, function(args, uv)
    args.program = words[0]:find("/") and uv.fs_realpath(words[0]) or words[0]
    return run(args, uv, at)
  end)
end

return install
