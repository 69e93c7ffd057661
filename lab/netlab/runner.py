"""Runs a list of scenarios for the commands: choose, make, say what was made."""

import glob
import json
import os
import sys
import time

from . import expect
from . import scenario as scenarios


def choose(every, only):
    """The scenarios of those names, in their order; a name that nobody has ends the program."""
    names = [one["name"] for one in every]
    for name in only or ():
        if name not in names:
            raise SystemExit("no scenario is called %s; --list shows the names" % name)
    return [one for one in every if not only or one["name"] in only]


LATE = ("retransmissions", "out_of_order", "lost_segments", "acked_unseen")


def implausible(path):
    """Why a capture does not show what its truth says; None when it does.  A machine under load can
    disturb a clean path, and the dice can spare a short one."""
    with open(expect.beside(path)) as file:
        known = json.load(file)
    truth = known["truth"]
    late = sum(way[name] for way in known["with_port"].values() for name in LATE)
    if truth["fault"] == "none" and truth["side"] == ["none"] and late:
        return "%d late segments on a clean path" % late
    if truth.get("finding") == "loss" and "none" not in truth["side"] and not late:
        return "the dice spared it"
    return None


BEGIN, END = "<!-- captures: written by the lab -->", "<!-- end of captures -->"


def index(folder):
    """A table of the captures of a folder: a line for each."""
    lines = ["| capture | what it shows | seen | server | snap length | whose fault | top finding about |",
             "|---|---|---|---|---|---|---|"]
    for path in sorted(glob.glob(os.path.join(folder, "*.expected.json"))):
        with open(path) as file:
            known = json.load(file)
        truth = known["truth"]
        form = "[%s]:%d" if ":" in known["server_ip"] else "%s:%d"
        lines.append("| `%s` | %s | %s | `%s` | %d | %s | %s |" % (
            known["file"], truth["shows"], truth["captured"],
            form % (known["server_ip"], known["server_port"]) + (", any port" if "ask" in truth else ""),
            known["snaplen"], truth["fault"], " or ".join(truth["side"])))
    return "\n".join(lines)


def write_index(folder):
    """Puts the table between the marks of the folder's README; without a README, makes one."""
    path = os.path.join(folder, "README.md")
    before, after = "# Captures\n\n", "\n"
    if os.path.exists(path):
        with open(path) as file:
            before, _, rest = file.read().partition(BEGIN)
        after = rest.partition(END)[2]
    with open(path, "w") as file:
        file.write("".join([before, BEGIN, "\n", index(folder), "\n", END, after]))


def make(every, options):
    """Makes what was asked for; gives the exit status."""
    chosen = choose(every, options.only)
    if options.list:
        for one in chosen:
            print("%-28s %s" % (one["name"], one["about"]))
        return 0
    if os.geteuid() != 0:
        raise SystemExit("network namespaces need root")
    os.makedirs(options.folder, exist_ok=True)
    failed = 0
    for one in chosen:
        begin = time.monotonic()
        if options.seed:
            one = dict(one, seed="%s:%s" % (options.seed, one["name"]))
        try:
            paths = scenarios.run(one, options.folder)
        except (RuntimeError, OSError) as error:
            failed += 1
            print("%s: FAILED: %s" % (one["name"], error), file=sys.stderr)
            continue
        for path in paths:
            reason = implausible(path)
            if reason:
                failed += 1
                print("%s: make it again: %s" % (os.path.basename(path), reason), file=sys.stderr)
        sizes = ", ".join("%s %d bytes" % (os.path.basename(p), os.path.getsize(p)) for p in paths)
        print("%-28s %5.1f s  %s" % (one["name"], time.monotonic() - begin, sizes), flush=True)
    write_index(options.folder)
    print("%d scenarios, %d faults in the making" % (len(chosen), failed))
    return 1 if failed else 0
