--- `mcpcap doctor`: what is there, what is missing, and what it would be good for.
-- @module mcpcap.cli.doctor

local escape = require "mcpcap.escape"

local doctor = {}

-- What the core loads when it is needed, by its name there.
local PARTS = {
  { "libcurl", "captures behind URLs", "libcurl4" },
  { "libpcap", "filters, and formats that only it knows", "libpcap0.8" },
  { "gzip", "captures compressed with gzip", "zlib1g" },
  { "zstd", "captures compressed with zstd", "libzstd1" },
  { "xz", "captures compressed with xz", "liblzma5" },
  { "lz4", "captures compressed with lz4", "liblz4-1" },
  { "bzip2", "captures compressed with bzip2", "libbz2-1.0" },
  { "sandbox", "mcpcap serve held to its roots by the kernel" },
}

local MODULES = {
  { "argparse", "the words of the command", "lua-argparse" },
  { "luv", "mcpcap serve, watch and install", "lua-luv" },
}

-- One line, and what helps where something is missing.
local function line(out, is_there, name, use, remedy)
  out:write(("%-8s %-10s %s\n"):format(is_there and "ok" or "missing", name, use))
  if not is_there and remedy then
    out:write((" "):rep(20), escape.visible(remedy), "\n")
  end
  return is_there and 0 or 1
end

--- Runs the command.
-- @tparam table words the arguments behind `doctor`: none
-- @tparam table at `out` and `err`
-- @treturn integer exit status: 0 all is there, 1 something is missing
function doctor.main(words, at)
  local out = at.out
  if words[1] == "-h" or words[1] == "--help" then
    out:write("Usage: mcpcap doctor\n\nSays what is there of all that mcpcap can use, what is missing, and what it is\n"
      .. "good for. Exit status: 0 all is there; 1 something is missing.\n")
    return 0
  elseif words[1] then
    at.err:write("Usage: mcpcap doctor\nmcpcap: doctor: there is nothing to be said behind it\n")
    return 2
  end
  local found, core = pcall(require, "mcpcap.core")
  local lua = type(rawget(_G, "jit")) == "table" and rawget(_G, "jit").version or _VERSION
  local missing = line(out, found, "core", found and ("mcpcap %s, %s"):format(core.version, lua) or lua,
    not found and tostring(core):match("[^\n]*") or nil)
  local parts = found and core.parts() or {}
  for _, part in ipairs(PARTS) do
    local state = parts[part[1]]
    local why = state == false and "this build was made without it" or type(state) == "string" and state or nil
    if found then
      missing = missing + line(out, state == true, part[1], part[2],
        why and part[3] and ("%s (Debian: %s)"):format(why, part[3]) or why)
    end
  end
  for _, module in ipairs(MODULES) do
    missing = missing + line(out, (pcall(require, module[1])), module[1], module[2], "Debian: " .. module[3])
  end
  return missing == 0 and 0 or 1
end

return doctor
