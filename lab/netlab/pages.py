"""Tables that a program writes into a Markdown page, between its marks."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def revision():
    """Which rules these are: the commit, and whether anything was changed since."""
    done = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty", "--exclude", "*"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip() or "unknown"


def write(path, name, program, text):
    """Puts the text, and by which revision it was made, between the marks of that name."""
    begin, end = "<!-- %s: written by %s -->" % (name, program), "<!-- end of %s -->" % name
    with open(path) as file:
        before, _, rest = file.read().partition(begin)
    with open(path, "w") as file:
        file.write("%s%s\nJudged by revision %s.\n\n%s%s%s" % (before, begin, revision(), text, end, rest.partition(end)[2]))
