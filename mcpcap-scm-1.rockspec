rockspec_format = "3.0"
package = "mcpcap"
version = "scm-1"
source = {
  url = "git+https://github.com/mcpcap/mcpcap-lua.git",
  branch = "main",
}
description = {
  summary = "What happens between clients and a server in a packet capture, and whose fault it is",
  detailed = [[
    Reads pcap and pcapng files, compressed or not, streams and URLs; follows the TCP connections of one server as
    Wireshark does; and says with evidence what is wrong and on which side: client, server, network or capture.
    A C core, a Lua module, a command and a server for the Model Context Protocol.
  ]],
  license = "MIT",
  homepage = "https://github.com/mcpcap/mcpcap-lua",
  issues_url = "https://github.com/mcpcap/mcpcap-lua/issues",
  maintainer = "mcpcap developers <mcpcap@example.org>",
  labels = { "network", "pcap", "tcp", "mcp" },
}
supported_platforms = { "linux" }
dependencies = {
  "lua >= 5.1, < 5.6",
  "argparse >= 0.7",
  "luv >= 1.36",
}
test_dependencies = {
  "busted >= 2.0",
  "luafilesystem >= 1.8",
}
-- Debian and Ubuntu: libpcap-dev libcurl4-openssl-dev zlib1g-dev; for more
-- compressions libzstd-dev liblzma-dev liblz4-dev libbz2-dev.  CURL names no header
-- because Debian keeps it in a folder of the architecture.
external_dependencies = {
  PCAP = { header = "pcap/pcap.h", library = "pcap" },
  CURL = { library = "curl" },
  ZLIB = { header = "zlib.h", library = "z" },
}
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "RelWithDebInfo",
    CMAKE_INSTALL_PREFIX = "$(PREFIX)",
    MCPCAP_LUA_INCDIR = "$(LUA_INCDIR)",
    MCPCAP_LUADIR = "$(LUADIR)",
    MCPCAP_LIBDIR = "$(LIBDIR)",
    MCPCAP_BINDIR = "$(BINDIR)",
    MCPCAP_C_LIBRARY = "OFF",
    BUILD_TESTING = "OFF",
  },
}
test = {
  type = "command",
  command = "sh tools/test --no-setup --only lua5.4",
}
