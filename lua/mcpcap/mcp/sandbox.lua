--- What `mcpcap serve` may still touch once it answers: its captures, its own program,
-- and what a download needs.
-- @module mcpcap.mcp.sandbox

local core = require "mcpcap.core"

local sandbox = {}

-- Programs and their libraries: nobody's data.
local SYSTEM = {
  "/usr", "/lib", "/lib64", "/nix/store", "/gnu/store", "/etc/ld.so.cache", "/etc/localtime", "/dev/null",
}

-- How names become addresses, and whom to trust; never the folders of private keys.
local NETWORK = {
  "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
  "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager/resolv.conf", "/etc/ssl/certs", "/etc/ssl/cert.pem",
  "/etc/ssl/ca-bundle.pem", "/var/lib/ca-certificates",
  "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/tls/cert.pem",
  "/etc/pki/ca-trust/extracted", "/etc/crypto-policies", "/dev/urandom",
}

local function add(list, more)
  for _, path in ipairs(more) do
    list[#list + 1] = path
  end
end

-- The folders of a search path, as far as they are absolute.
local function add_folders(list, path)
  for folder in path:gmatch("(/[^;?]+)/") do
    list[#list + 1] = folder
  end
end

--- The files and folders that stay readable.
-- @tparam table policy of the server, with its roots
-- @tparam[opt] string libraries the environment's LD_LIBRARY_PATH
-- @tparam[opt] string authorities the environment's SSL_CERT_FILE
-- @treturn table list of paths
function sandbox.readable(policy, libraries, authorities)
  local list = {}
  add(list, policy.roots or {})
  add(list, SYSTEM)
  add_folders(list, package.path)
  add_folders(list, package.cpath)
  for folder in (libraries or ""):gmatch("/[^:]+") do
    list[#list + 1] = folder
  end
  if policy.url.allowed then
    add(list, NETWORK)
    list[#list + 1] = policy.url.ca_file or authorities
  end
  return list
end

--- Closes the door behind this process.  It must have no other threads yet.
-- @tparam table policy of the server, with its roots
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string why the system has no sandbox
function sandbox.enter(policy)
  local list = sandbox.readable(policy, os.getenv("LD_LIBRARY_PATH"), os.getenv("SSL_CERT_FILE"))
  local ok, why = core.sandbox(list, policy.url.allowed)
  return ok, why
end

return sandbox
