"""
Draws scenarios: one fault or none, a place, a round trip, other traffic, a capture point and what the
capture itself does to the packets.  A seed makes the same scenario again.

A plan is plain data, see drawn.py.  Its truth is written down with it:

    kind, about         what was done
    faultless           nothing is wrong with anybody: no finding above "info" may name client, server, network
    side                whom the first finding above "info" may name; "none": no such finding is right too
    ids                 regular expression that its id must match
    says                regular expression that some finding (any severity) must match; where the fault can be seen
    undecided           pairs of sides that a capture there cannot tell apart: naming both is right
    forbid              regular expression on "severity:side:id" that no finding may match
    ledger              what drawn.py settles from what the link really did: "loss", "reorder", "double", "none"
"""

from . import habits
from .kinds import capture, ends, network, none
from .dice import PLACES, Draw, fault, faultless, stack

__all__ = ["PLACES", "fault", "faultless", "kinds", "scenario"]


def kinds():
    """Every kind: (weight, name, function)."""
    return [one for part in (none, capture, network, ends) for one in part.KINDS]


def scenario(seed):
    """The plan of a seed: a number, or "KIND@NUMBER" for one kind only."""
    d = Draw(seed)
    only = str(seed).rpartition("@")[0]
    every = [one for one in kinds() if only in ("", one[1])]
    if not every:
        raise SystemExit("no kind is called %s; --kinds shows the names" % only)
    _, name, make = d.random.choices(every, [one[0] for one in every])[0]
    stack(d)
    habits.before(d, name)
    truth = make(d)
    if getattr(make, "mixes", False) and d.chance(0.4):
        d.mix()
    habits.after(d, name, truth)
    truth["kind"] = name
    truth["about"] = " ".join((make.__doc__ or name).split())
    return d.plan(name, truth)
