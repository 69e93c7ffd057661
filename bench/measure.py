"""Building, running and timing: everything that knows processes."""

import os
import re
import statistics
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


class Failure(Exception):
    """A command failed; the words are for the user."""


class Tools:
    """The programs of one build, and how to call them."""

    def __init__(self, build, lua):
        self.build = build
        self.lua = lua
        self.no_isal = os.path.join(build, "no-isal")
        self.said = ""                           # what the latest run wrote to standard error

    def make(self):
        """Configures and builds what is measured, for speed and without the tests."""
        ninja = ["-G", "Ninja"] if found("ninja") else []
        steps = [
            ["cmake", *ninja, "-S", ROOT, "-B", self.build, "-DCMAKE_BUILD_TYPE=Release",
             "-DMCPCAP_BENCH=ON", "-DBUILD_TESTING=OFF", "-DMCPCAP_LUA=" + self.abi()],
            ["cmake", "--build", self.build, "-j2"],
        ]
        for step in steps:
            done = subprocess.run(step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                raise Failure(" ".join(step) + "\n" + done.stdout[-3000:])

    def hide_isal(self):
        """Makes the folder that environment(isal=False) puts before the system's."""
        # a file of this name that is no library hides the real one from the loader
        os.makedirs(self.no_isal, exist_ok=True)
        open(os.path.join(self.no_isal, "libisal.so.2"), "w").close()

    def abi(self):
        """The Lua version that the module is built for; LuaJIT's is 5.1."""
        return output([self.lua, "-e", "io.write((_VERSION:match('%d+%.%d+')))"])

    def program(self, name):
        return os.path.join(self.build, "bench", "bench_" + name)

    def environment(self, isal=True):
        env = dict(os.environ)
        env["LUA_PATH"] = os.path.join(ROOT, "lua", "?.lua") + ";" + os.path.join(ROOT, "lua", "?", "init.lua")
        env["LUA_CPATH"] = os.path.join(self.build, "lib", "?.so")
        if not isal:
            env["LD_LIBRARY_PATH"] = self.no_isal
        return env

    def generate(self, path, options):
        """Writes a capture; returns what was sent, by name."""
        expected = path + ".sent"
        check([self.program("generate"), *options, "--expect", expected, path])
        return read_pairs(open(expected).read())

    def overview_command(self, path):
        return [self.lua, os.path.join(HERE, "analyse.lua"), "-o", path]

    def lua_command(self, path, server, reader="", connections="", flags=(), second=None):
        return [self.lua, os.path.join(HERE, "analyse.lua"), *flags, path, server, "443", reader, str(connections),
                *([second] if second else [])]

    def c_command(self, path, server, reader=None, connections=None, pages=None, flags=()):
        return [self.program("analyse"), *flags, *(["-r", reader] if reader else []), *(["-p", pages] if pages else []),
                *(["-m", str(connections)] if connections else []), path, server, "443"]

    def instructions(self, command, env):
        """Instructions that a command takes, counted by valgrind."""
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env)
        found_count = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
        if done.returncode != 0 or not found_count:
            raise Failure("valgrind: " + done.stderr[-500:])
        return int(found_count.group(1))

    def once(self, command, env, stdin=None):
        """One run: (wall, cpu, resident), in seconds and KiB."""
        timed = [self.program("timed"), *(["-i", stdin] if stdin else []), *command]
        done = subprocess.run(timed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
        if done.returncode != 0:
            with open(stdin or os.devnull, "rb") as source:
                check(command, env, source)      # again, for its words
            raise Failure("%s: failed once, with status %d" % (" ".join(command), done.returncode))
        self.said = done.stderr
        wall, user, system, resident = map(int, done.stdout.split())
        return wall / 1e6, (user + system) / 1e6, resident


def found(program):
    return any(os.access(os.path.join(folder, program), os.X_OK)
               for folder in os.environ.get("PATH", "").split(os.pathsep))


def check(command, env=None, stdin=None, stdout=None):
    """Runs a command that must succeed; returns what it printed."""
    done = subprocess.run(command, env=env, stdin=stdin, stdout=stdout or subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Failure("%s: status %d %s" % (" ".join(command), done.returncode,
                                            done.stderr.decode(errors="replace")[-1000:]))
    return done.stdout.decode() if done.stdout else ""


def output(command):
    return check(command).strip()


def read_pairs(text):
    """Lines of "name value" as a table of whole numbers."""
    pairs = {}
    for line in text.splitlines():
        name, value = line.split(" ", 1)
        pairs[name] = int(value)
    return pairs


def compress(program, path, level):
    """Makes PATH.gz or PATH.zst by piping through the program itself."""
    target = path + {"gzip": ".gz", "zstd": ".zst"}[program]
    with open(path, "rb") as source, open(target, "wb") as sink:
        check([program, "-c", level], stdin=source, stdout=sink)
    return target


def second_point(path, target, us, jitter_us, lost):
    """The same traffic as another point of the path has it: later, and each how many-th frame is not there."""
    number = 0
    with open(path, "rb") as source, open(target, "wb") as sink:
        sink.write(source.read(24))
        while True:
            header = source.read(16)
            if len(header) < 16:
                break
            seconds, part, captured, length = struct.unpack("<IIII", header)
            frame = source.read(captured)
            number += 1
            part += us + number * 7919 % jitter_us
            if number % lost != lost // 2:
                sink.write(struct.pack("<IIII", seconds + part // 1000000, part % 1000000, captured, length))
                sink.write(frame)


def many_servers(path, target, servers):
    """The same traffic, its server (10.0.0.1) another one of so many by who the client is; checksums stay as they are."""
    server = b"\x0a\x00\x00\x01"
    with open(path, "rb") as source, open(target, "wb") as sink:
        sink.write(source.read(24))
        while True:
            header = source.read(16)
            if len(header) < 16:
                break
            frame = bytearray(source.read(struct.unpack("<IIII", header)[2]))
            place, client = (26, 30) if frame[26:30] == server else (30, 26)
            port = frame[36:38] if place == 26 else frame[34:36]
            number = (int.from_bytes(frame[client:client + 4], "big") * 31 + int.from_bytes(port, "big")) % servers
            frame[place:place + 4] = struct.pack(">I", 0x0a010001 + number)
            sink.write(header)
            sink.write(frame)


def read_through(path):
    """Brings a file into the page cache: idle pages are taken away on some machines."""
    with open(path, "rb", buffering=0) as f:
        block = bytearray(1 << 20)
        while f.readinto(block):
            pass


class Sample:
    """The runs of one way: medians and minima."""

    def __init__(self):
        self.runs = []
        self.choices = []                        # what the program says that it chose in the latest of them

    def add(self, run, said):
        self.runs.append(run)
        self.choices = [line for line in said.splitlines() if line.startswith(("reading:", "pages:"))]

    def drop_first(self):
        if len(self.runs) > 1:
            del self.runs[0]

    def wall(self):
        return statistics.median(run[0] for run in self.runs)

    def least_wall(self):
        return min(run[0] for run in self.runs)

    def least_cpu(self):
        return min(run[1] for run in self.runs)

    def resident(self):
        return max(run[2] for run in self.runs)


def alternate(tools, path, ways, rounds):
    """
    Runs every way in turn, 'rounds' times over, and drops the first round, so that what else
    the machine does meets all of them alike.  'ways': (name, command, env, stdin).
    """
    samples = {way[0]: Sample() for way in ways}
    for number in range(rounds):
        read_through(path)
        for name, command, env, stdin in ways:
            samples[name].add(tools.once(command, env, stdin), tools.said)
        if sys.stderr.isatty():
            print("  round %d of %d " % (number + 1, rounds), end="\r", file=sys.stderr, flush=True)
    for sample in samples.values():
        sample.drop_first()
    return samples
