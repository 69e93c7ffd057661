"""Runs a list of scenarios for the commands: choose, make, say what was made."""

import glob
import json
import os
import sys
import time

from . import scenario as scenarios


def choose(every, only):
    """The scenarios of those names, in their order; a name that nobody has ends the program."""
    names = [one["name"] for one in every]
    for name in only or ():
        if name not in names:
            raise SystemExit("no scenario is called %s; --list shows the names" % name)
    return [one for one in every if not only or one["name"] in only]


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
        try:
            paths = scenarios.run(one, options.folder)
        except (RuntimeError, OSError) as error:
            failed += 1
            print("%s: FAILED: %s" % (one["name"], error), file=sys.stderr)
            continue
        sizes = ", ".join("%s %d bytes" % (os.path.basename(p), os.path.getsize(p)) for p in paths)
        print("%-28s %5.1f s  %s" % (one["name"], time.monotonic() - begin, sizes), flush=True)
    write_index(options.folder)
    print("%d of %d scenarios made" % (len(chosen) - failed, len(chosen)))
    return 1 if failed else 0
