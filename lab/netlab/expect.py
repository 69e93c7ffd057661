"""What tshark counts for one server, per direction, with and without its port."""

import json
import os
import subprocess
import tempfile

# Our name of a counter, and the tshark field whose presence counts one segment.
FLAGS = {
    "retransmissions": "tcp.analysis.retransmission",
    "fast_retransmissions": "tcp.analysis.fast_retransmission",
    "spurious_retransmissions": "tcp.analysis.spurious_retransmission",
    "out_of_order": "tcp.analysis.out_of_order",
    "duplicate_acks": "tcp.analysis.duplicate_ack",
    "keep_alives": "tcp.analysis.keep_alive",
    "keep_alive_acks": "tcp.analysis.keep_alive_ack",
    "zero_windows": "tcp.analysis.zero_window",
    "zero_window_probes": "tcp.analysis.zero_window_probe",
    "zero_window_probe_acks": "tcp.analysis.zero_window_probe_ack",
    "window_full": "tcp.analysis.window_full",
    "window_updates": "tcp.analysis.window_update",
    "lost_segments": "tcp.analysis.lost_segment",
    "acked_unseen": "tcp.analysis.ack_lost_segment",
}
PLAIN = ["frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport",
         "frame.len", "tcp.len", "tcp.flags.syn", "tcp.flags.reset", "tcp.flags.fin"]
COUNTERS = ["packet_count", "byte_count", "payload_bytes", "syn_count", "rst_count", "fin_count",
            "data_packets"] + list(FLAGS)


def tshark(words):
    # tshark warns about being root; that is no failure.
    return subprocess.run(["tshark", "-n"] + words, check=True, capture_output=True, text=True).stdout


def segments(path):
    """Each TCP segment as a table of field to text."""
    fields = PLAIN + list(FLAGS.values())
    with tempfile.TemporaryDirectory() as folder:
        # A quoted header in an ICMP error would count, and change the state of its connection.
        clean = os.path.join(folder, "clean.pcapng")
        tshark(["-r", path, "-Y", "!icmp && !icmpv6", "-w", clean])
        words = ["-r", clean, "-Y", "tcp", "-T", "fields", "-E", "occurrence=l", "-E", "separator=/t"]
        for field in fields:
            words += ["-e", field]
        for line in tshark(words).splitlines():
            yield dict(zip(fields, line.split("\t")))


def innermost(row):
    """Source and destination of the IP header in front of the TCP header; of each family tshark gives
    the last."""
    names = row["frame.protocols"].split(":")
    six = "ipv6" in names and ("ip" not in names or names[::-1].index("ipv6") < names[::-1].index("ip"))
    return (row["ipv6.src"], row["ipv6.dst"]) if six else (row["ip.src"], row["ip.dst"])


def count(path, address, port):
    """Both directions of one server; port None: any."""
    both = {way: dict.fromkeys(COUNTERS, 0) for way in ("client_to_server", "server_to_client")}
    for row in segments(path):
        source, destination = innermost(row)
        ends = ((destination, row["tcp.dstport"], "client_to_server"),
                (source, row["tcp.srcport"], "server_to_client"))
        for host, number, way in ends:
            if host == address and (port is None or number == str(port)):
                add(both[way], row)
                break
    return both


def add(counters, row):
    size = int(row["tcp.len"] or 0)
    counters["packet_count"] += 1
    counters["byte_count"] += int(row["frame.len"])
    counters["payload_bytes"] += size
    counters["data_packets"] += size > 0
    for name, field in (("syn_count", "syn"), ("rst_count", "reset"), ("fin_count", "fin")):
        counters[name] += row["tcp.flags." + field] in ("1", "True")
    for name, field in FLAGS.items():
        counters[name] += row[field] != ""


def read(path, address, port):
    """The table that stands in NAME.expected.json, without what only the maker knows."""
    return {
        "file": os.path.basename(path),
        "server_ip": address,
        "server_port": port,
        "rules": "wireshark-4.0",
        "with_port": count(path, address, port),
        "without_port": count(path, address, None),
    }


def beside(path):
    """Where the expected result of a capture stands."""
    return path.rsplit(".", 1)[0] + ".expected.json"


def again(folder):
    """Counts anew for all captures of a folder; what the maker knew is kept."""
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".expected.json"):
            continue
        path = os.path.join(folder, name)
        with open(path) as file:
            known = json.load(file)
        known.update(read(os.path.join(folder, known["file"]), known["server_ip"], known["server_port"]))
        with open(path, "w") as file:
            json.dump(known, file, indent=2)
            file.write("\n")
    return 0


def main(words):
    if len(words) == 2 and words[0] == "--again":
        return again(words[1])
    if len(words) != 3:
        raise SystemExit("usage: expect.py CAPTURE ADDRESS PORT | --again FOLDER")
    print(json.dumps(read(words[0], words[1], int(words[2])), indent=2))
    return 0
