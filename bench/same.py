"""bench/run --small: every way of reading must give the same result, and the right one."""

import os
import subprocess

from measure import Failure, check, compress, found, read_pairs

PACKETS = "12000"
LIVE = ["--packets", PACKETS, "--live", "60"]

# name, options of the generator
CAPTURES = [
    ("full", LIVE + ["--reorder", "3000"]),
    ("snap", LIVE + ["--snaplen", "96", "--seed", "2"]),
    ("small", LIVE + ["--size", "small", "--seed", "3"]),
    ("random", LIVE + ["--size", "random", "--loss", "20000", "--seed", "4"]),
    ("ipv6", LIVE + ["--ipv6", "--vlan", "--seed", "5"]),
    ("http", LIVE + ["--http", "--requests", "2", "--answer", "4", "--seed", "8"]),
    ("tls-12", LIVE + ["--tls", "1.2", "--requests", "2", "--answer", "12", "--loss", "20000", "--seed", "9"]),
    ("tls-13", LIVE + ["--tls", "1.3", "--reorder", "3000", "--snaplen", "700", "--seed", "10"]),
    ("flood", ["--packets", PACKETS, "--flood", "--seed", "6"]),
    ("noise", LIVE + ["--noise", "40", "--burst", "80", "--text", "random", "--seed", "7"]),
]

DIALECTS = ["swapped", "pcapng", "pcapng-swapped"]
FINE_DIALECTS = ["swapped-ns", "pcapng-ns"]

# Sent by the generator and counted by the analysis under the same name.
EXACT = ["packet_count", "byte_count", "captured_bytes", "payload_bytes", "unique_bytes", "data_packets",
         "syn_count", "syn_ack_count", "fin_count", "resent", "resent_seen", "reordered"]


class Report:
    def __init__(self):
        self.checks = 0
        self.wrong = []

    def hold(self, what, got, wanted):
        self.checks += 1
        if got != wanted:
            self.wrong.append("%s: %s, not %s" % (what, got, wanted))

    def same_lines(self, what, got, wanted):
        """Compares two results; names the first lines that differ."""
        self.checks += 1
        if got == wanted:
            return
        missing = sorted(set(wanted.splitlines()) - set(got.splitlines()))
        added = sorted(set(got.splitlines()) - set(wanted.splitlines()))
        self.wrong.append("%s differs:\n  - %s\n  + %s" % (what, "\n  - ".join(missing[:5]), "\n  + ".join(added[:5])))


def server_of(options):
    return "2001:db8::1" if "--ipv6" in options else "10.0.0.1"


def run_lua(tools, path, server, reader="", flags=(), env=None, stdin=None):
    command = tools.lua_command(path, server, reader, flags=("-v", *flags))
    return check(command, env or tools.environment(), stdin=stdin)


def run_c(tools, path, server, reader=None):
    return read_pairs(check(tools.c_command(path, server, reader)))


def hold_against_sent(report, name, sent, counted):
    report.hold(name + " frames", counted["frames"], sent["frames"])
    report.hold(name + " connections", counted["connections"], sent["connections"])
    report.hold(name + " matched frames", counted["matched_frames"], sent["frames"] - sent["noise"])
    for direction in ("0", "1"):
        for counter in EXACT:
            key = counter + direction
            report.hold("%s %s" % (name, key), counted[key], sent[key])


def hold_lua_against_c(report, name, text, counted):
    """The counters of the Lua table are those of the core."""
    values = dict(line.split(" ", 1) for line in text.splitlines())
    report.hold(name + " connection_count", values.get("connection_count"), str(counted["connections"]))
    for place, direction in ((0, "client_to_server"), (1, "server_to_client")):
        for key, value in counted.items():
            if key.endswith(str(place)) and direction + "." + key[:-1] in values:
                report.hold("%s %s.%s" % (name, direction, key[:-1]), values[direction + "." + key[:-1]], str(value))
        for key in ("resent", "reordered", "duplicated", "undecided"):
            report.hold("%s late %s" % (name, key), values["%s.late_segments.%s" % (direction, key)],
                        str(counted[key + str(place)]))


def compare_readers(report, tools, name, path, server):
    """Each way to read one file, through Lua and through C."""
    text = run_lua(tools, path, server)
    counted = run_c(tools, path, server)
    for reader in ("own", "mapped", "read", "turns", "libpcap"):
        report.same_lines("%s, reader %s" % (name, reader), run_lua(tools, path, server, reader), text)
        report.hold("%s, reader %s in C" % (name, reader), run_c(tools, path, server, reader), counted)
    report.same_lines(name + ", stream", run_lua(tools, path, server, flags=("-s",)), text)
    with open(path, "rb") as stdin:
        report.same_lines(name + ", standard input", run_lua(tools, "-", server, stdin=stdin), text)
    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as cat:
        report.same_lines(name + ", pipe", run_lua(tools, "-", server, stdin=cat.stdout), text)
    hold_lua_against_c(report, name, text, counted)
    return text, counted


def reader_of(tools, path, server):
    """How a plain file was read: "mapped", or "read" where no lease can be had."""
    done = subprocess.run(tools.c_command(path, server), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return done.stderr.split()[1]


def compare_compressed(report, tools, name, path, server, text):
    for program in ("gzip", "zstd"):
        if not found(program):
            print("%s is not installed: not compared" % program)
            continue
        packed = compress(program, path, "-1")
        report.same_lines("%s, %s" % (name, program), run_lua(tools, packed, server), text)
        if program == "gzip":
            report.same_lines(name + ", gzip without ISA-L",
                              run_lua(tools, packed, server, env=tools.environment(isal=False)), text)
        os.remove(packed)


# Counter and the field of tshark whose presence it counts; its ack_rtt stands on the ack.
TSHARK_FIELDS = [
    ("retransmissions", "tcp.analysis.retransmission", False),
    ("fast_retransmissions", "tcp.analysis.fast_retransmission", False),
    ("spurious_retransmissions", "tcp.analysis.spurious_retransmission", False),
    ("out_of_order", "tcp.analysis.out_of_order", False),
    ("lost_segments", "tcp.analysis.lost_segment", False),
    ("acked_unseen", "tcp.analysis.ack_lost_segment", False),
    ("duplicate_acks", "tcp.analysis.duplicate_ack_num", False),
    ("keep_alives", "tcp.analysis.keep_alive", False),
    ("zero_windows", "tcp.analysis.zero_window", False),
    ("window_full", "tcp.analysis.window_full", False),
    ("window_updates", "tcp.analysis.window_update", False),
    ("rtt_samples_raw", "tcp.analysis.ack_rtt", True),
]


def tshark_counts(path):
    """The same counters by tshark, under the names of the core."""
    fields = ["tcp.srcport", "tcp.len", "frame.len"] + [field for _, field, _ in TSHARK_FIELDS]
    text = check(["tshark", "-n", "-r", path, "-Y", "tcp.port == 443", "-T", "fields", "-E", "occurrence=f",
                  *[part for field in fields for part in ("-e", field)]])
    counts = {name + way: 0 for way in "01" for name in
              ["packet_count", "payload_bytes", "data_packets", "byte_count"] + [row[0] for row in TSHARK_FIELDS]}
    for line in text.splitlines():
        port, length, frame, *flags = line.split("\t")
        way, back = ("1", "0") if port == "443" else ("0", "1")
        counts["packet_count" + way] += 1
        counts["payload_bytes" + way] += int(length)
        counts["data_packets" + way] += length != "0"
        counts["byte_count" + way] += int(frame)
        for (name, _, swapped), value in zip(TSHARK_FIELDS, flags):
            counts[name + (back if swapped else way)] += value != ""
    return counts


def tshark_rules():
    """The set of rules that the tshark at hand follows; docs/rules.md says which there are."""
    version = check(["tshark", "--version"]).split() if found("tshark") else []
    for word in version:
        if word.startswith(("4.0.", "4.4.", "4.6.")):
            return "wireshark-" + word[:3]
    return None


def compare_tshark(report, tools, name, path, server, rules):
    counted = read_pairs(check([*tools.c_command(path, server), "-R", rules]))
    for key, value in tshark_counts(path).items():
        report.hold("%s %s, tshark" % (name, key), counted[key], value)


def compare_dialects(report, tools, options, folder):
    """The same packets in other dialects of the file format."""
    def through(dialect):
        path = os.path.join(folder, "dialect." + dialect)
        tools.generate(path, [*options, "--format", dialect])
        return run_lua(tools, path, server_of(options))

    coarse, fine = through("us"), through("ns")
    for dialect in DIALECTS:
        report.same_lines("dialect " + dialect, through(dialect), coarse)
    for dialect in FINE_DIALECTS:
        report.same_lines("dialect " + dialect, through(dialect), fine)


def run(tools, folder):
    """Returns the exit status."""
    report, readers, rules = Report(), set(), tshark_rules()
    if not rules:
        print("no tshark whose rules are known is installed: not compared")
    for name, options in CAPTURES:
        path = os.path.join(folder, name + ".pcap")
        sent = tools.generate(path, options)
        text, counted = compare_readers(report, tools, name, path, server_of(options))
        hold_against_sent(report, name, sent, counted)
        readers.add(reader_of(tools, path, server_of(options)))
        compare_compressed(report, tools, name, path, server_of(options), text)
        if rules:
            compare_tshark(report, tools, name, path, server_of(options), rules)
    compare_dialects(report, tools, LIVE + ["--snaplen", "96"], folder)
    for words in report.wrong:
        print(words)
    print("files were read " + ", ".join(sorted(readers)))
    print("%d of %d comparisons agree" % (report.checks - len(report.wrong), report.checks))
    if report.checks == 0:
        raise Failure("nothing was compared")
    return 1 if report.wrong else 0
