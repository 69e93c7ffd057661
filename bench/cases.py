"""The cases of the benchmark, as data: what is generated, what is run on it, what it should reach."""

from measure import found

MILLION = 1000000


class Goal:
    """A ratio of two ways' medians, or the resident memory of one, and its bound; 'under' may be several, one after the other."""

    def __init__(self, over, under, bound, at_least=False, aim=None):
        self.over, self.under = over, under if isinstance(under, tuple) else (under,)
        self.bound, self.aim = bound, aim
        self.at_least = at_least

    def met(self, value):
        return value >= self.bound if self.at_least else value <= self.bound


class Case:
    def __init__(self, name, title, packets, options, ways, goals=(), pack=None, connections=None, rss_mib=None,
                 second=False, servers=0):
        self.name, self.title, self.packets = name, title, packets
        self.options = options
        self.ways = ways                # names of WAYS
        self.goals = goals
        self.pack = pack                # (program, level): the file is compressed
        self.connections = connections  # max_connections, where the default is too small
        self.rss_mib = rss_mib          # bound of the resident memory of "lua"
        self.second = second            # there is a capture of a second point too, in PATH.second
        self.servers = servers          # there is one of so many servers instead, in PATH.second

    def server(self):
        return "2001:db8::1" if "--ipv6" in self.options else "10.0.0.1"

    def generator_options(self, packets=None):
        return ["--packets", str(packets or self.packets), *self.options]


# name: (words, program that must be there, how to call it: tools, case, path -> command, isal?, stdin?)
def _lua(reader):
    return lambda tools, case, path: tools.lua_command(path, case.server(), reader, case.connections or "")


def _c(reader, pages=None):
    return lambda tools, case, path: tools.c_command(path, case.server(), reader, case.connections, pages)


class Way:
    def __init__(self, words, command, program=None, isal=True, stdin=False):
        self.words, self.command = words, command
        self.program, self.isal, self.stdin = program, isal, stdin

    def there(self):
        return self.program is None or found(self.program)


WAYS = {
    "raw": Way("bare libpcap loop", lambda tools, case, path: [tools.program("rawloop"), path]),
    "lua": Way("mcpcap through Lua", _lua("")),
    "c": Way("mcpcap, C alone", _c(None)),
    "lua-read": Way("mcpcap through Lua, read()", _lua("read")),
    "c-read": Way("mcpcap, C alone, read()", _c("read")),
    "c-mapped": Way("mcpcap, C alone, mapped", _c("mapped")),
    "c-small": Way("mcpcap, C alone, small pages", _c(None, "small")),
    "c-large": Way("mcpcap, C alone, large pages", _c(None, "large")),
    "c-unheard": Way("mcpcap, C alone, application = false", lambda tools, case, path:
                     tools.c_command(path, case.server(), "mapped", case.connections, flags=("-a",))),
    "lua-pipe": Way("mcpcap through Lua, stream", lambda tools, case, path:
                    tools.lua_command("-", case.server(), "", case.connections or ""), stdin=True),
    "lua-zlib": Way("mcpcap through Lua, without ISA-L", _lua(""), isal=False),
    "cat": Way("cat", lambda tools, case, path: ["cat", path]),
    "dd": Way("dd bs=256K", lambda tools, case, path: ["dd", "if=" + path, "of=/dev/null", "bs=256K"]),
    "tcpdump": Way("tcpdump to /dev/null", lambda tools, case, path: ["tcpdump", "-n", "-r", path], "tcpdump"),
    "tcptrace": Way("tcptrace", lambda tools, case, path: ["tcptrace", "-n", path], "tcptrace"),
    "tshark": Way("tshark -q -z conv,tcp", lambda tools, case, path:
                  ["tshark", "-n", "-q", "-z", "conv,tcp", "-r", path], "tshark"),
    "zcat": Way("zcat", lambda tools, case, path: ["zcat", path], "zcat"),
    "first": Way("the first capture alone", lambda tools, case, path: tools.lua_command(path, case.server())),
    "second": Way("the second capture alone", lambda tools, case, path: tools.lua_command(path + ".second", case.server())),
    "compare": Way("both compared", lambda tools, case, path:
                   tools.lua_command(path, case.server(), second=path + ".second")),
    "overview": Way("overview of all servers", lambda tools, case, path: tools.overview_command(path + ".second")),
    "zstd": Way("zstd -dc", lambda tools, case, path: ["zstd", "-dc", path], "zstd"),
}

CORE = ["raw", "lua", "c", "lua-read", "c-read", "c-mapped"]

# What is chosen ("c") may take so much longer than the better of what can be forced.
FORCED, CHOSEN_BOUND = ("c-mapped", "c-read", "c-small", "c-large"), 1.10

CASES = [
    Case("full", "1,500-byte packets", 5 * MILLION, [], CORE + ["dd", "cat"],
         [Goal("lua", "raw", 0.65, aim=0.50), Goal("lua-read", "raw", 0.95)], rss_mib=40),
    Case("snap", "96-byte snapshot length", 5 * MILLION, ["--snaplen", "96"], CORE + ["lua-pipe", "dd"],
         [Goal("lua", "raw", 0.70, aim=0.55), Goal("lua-read", "raw", 0.85)]),
    Case("small", "64-byte packets", 5 * MILLION, ["--size", "small"],
         ["raw", "lua", "c", "lua-read", "c-read", "c-mapped"]),
    Case("random", "random sizes", 5 * MILLION, ["--size", "random"],
         ["raw", "lua", "c", "lua-read", "c-read", "c-mapped"],
         [Goal("lua", "raw", 0.85)]),
    Case("burst", "96-byte snapshot length, bursts", 5 * MILLION, ["--snaplen", "96", "--burst", "85"],
         ["raw", "lua", "c", "c-read", "c-mapped"]),
    Case("noise", "85 % other traffic, 96-byte snapshot length", 3 * MILLION,
         ["--snaplen", "96", "--noise", "85"], ["raw", "lua", "c", "c-read", "c-mapped"]),
    Case("live", "1 M live connections", 5 * MILLION, ["--snaplen", "96", "--live", "1000000"],
         ["raw", "lua", "c", "c-read", "c-mapped", "c-small", "c-large"], [Goal("lua", "raw", 2.3)], connections=4 * MILLION, rss_mib=400),
    Case("flood", "SYN flood of 3 M", 3 * MILLION, ["--flood"], ["raw", "lua", "c", "c-read", "c-mapped"],
         [Goal("lua", "raw", 2.1)], connections=4 * MILLION),
    Case("ipv6", "IPv6 with VLAN, 96-byte snapshot length", 3 * MILLION, ["--ipv6", "--vlan", "--snaplen", "96"],
         ["raw", "lua", "c", "lua-read", "c-read", "c-mapped"]),
    Case("pcapng", "pcapng, 96-byte snapshot length", 3 * MILLION, ["--snaplen", "96", "--format", "pcapng"],
         ["raw", "lua", "c", "lua-read", "c-read", "c-mapped"]),
    Case("http-one", "HTTP, one request a connection, 256-byte snapshot length", MILLION // 2,
         ["--http", "--requests", "1", "--answer", "2", "--snaplen", "256"], ["c-unheard", "c-mapped"],
         [Goal("c-mapped", "c-unheard", 1.10)]),
    Case("http-eight", "HTTP, eight requests a connection, 256-byte snapshot length", MILLION,
         ["--http", "--requests", "8", "--answer", "2", "--snaplen", "256"], ["c-unheard", "c-mapped"],
         [Goal("c-mapped", "c-unheard", 1.10)]),
    Case("tls-12", "TLS 1.2, whole handshakes, 25 segments a connection", MILLION // 2,
         ["--tls", "1.2", "--text", "random", "--requests", "1", "--answer", "6"], ["c-unheard", "c-mapped"],
         [Goal("c-mapped", "c-unheard", 1.10)]),
    Case("tls-13", "TLS 1.3, whole handshakes, 25 segments a connection", MILLION // 2,
         ["--tls", "1.3", "--text", "random", "--requests", "1", "--answer", "6"], ["c-unheard", "c-mapped"],
         [Goal("c-mapped", "c-unheard", 1.10)]),
    Case("tools", "other programs, 1,500-byte packets", MILLION, [],
         ["raw", "lua", "tcpdump", "tcptrace", "tshark"],
         [Goal("tshark", "lua", 30, at_least=True), Goal("tcptrace", "lua", 5, at_least=True)]),
    Case("gzip", "gzip, text payload", MILLION // 2, [], ["zcat", "lua", "lua-zlib"],
         [Goal("lua-zlib", "zcat", 0.85), Goal("lua", "zcat", 0.55)], pack=("gzip", "-6")),
    Case("gzip-random", "gzip, random payload", MILLION // 2, ["--text", "random"], ["zcat", "lua", "lua-zlib"],
         [Goal("lua-zlib", "zcat", 0.85), Goal("lua", "zcat", 0.55)], pack=("gzip", "-6")),
    Case("zstd", "zstd, text payload", MILLION, [], ["zstd", "lua"],
         [Goal("lua", "zstd", 1.2)], pack=("zstd", "-3")),
    Case("compare", "two captures compared, 96-byte snapshot length", MILLION, ["--snaplen", "96"],
         ["first", "second", "compare"], [Goal("compare", ("first", "second"), 2.5, aim=1.6)], second=True),
    Case("compare-full", "two captures compared, 1,500-byte packets", MILLION, [],
         ["first", "second", "compare"], [Goal("compare", ("first", "second"), 2.5, aim=1.6)], second=True),
    Case("servers", "10,000 servers, 96-byte snapshot length", MILLION, ["--snaplen", "96", "--live", "30000"],
         ["lua", "overview"], [Goal("overview", "lua", 1.5)], servers=10000),
]

# The second point: its clock and the way there (us), what queues make of it at most, and each how many-th frame is lost.
SECOND_US, SECOND_JITTER_US, SECOND_LOST = 25000, 50, 1000

# Packets of the two captures whose times per packet are compared, and by how much they may differ.
LINEAR = (MILLION, 10 * MILLION, ["--snaplen", "96"], 0.10)

# A process with the module and a capture of ten packets, over an empty one.
START_RUNS, START_BOUND = 300, 2.0

# Packets of the two captures between which instructions are counted.
COUNTED = (20000, 120000)
