"""Runs a list of scenarios for the commands: choose, make, say what was made."""

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
    print("%d of %d scenarios made" % (len(chosen) - failed, len(chosen)))
    return 1 if failed else 0
