"""
Holds what the product says about drawn captures against their truth.

A scenario is one of

    right       the first finding above "info" names the right side and cause (or, where nothing must be found, there
                is none), and nobody else is accused
    undecided   a capture there cannot tell two sides apart, and the finding names both
    overstated  it cannot, and the finding names one of them without a word of the other: the wrong one, or the right
                one with high confidence
    wrong       another side or cause is named, or an innocent one is accused
    missed      nothing is found where something must be
"""

import json
import os
import re
import subprocess

ABOVE = ("error", "warning")
GOOD = ("right", "undecided")
# How a sentence names a side.
NAMES = {"client": r"client", "server": r"server",
         "network": r"network|path|on (its|the) way|in between|between|device|router|filter|balancer|lost|loss|network's"}


def ask(command, path, line):
    """The product's result."""
    values = {"{file}": path, "{ip}": line["ip"], "{port}": str(line["port"])}
    done = subprocess.run([values.get(word, word) for word in command], capture_output=True, timeout=120)
    if done.returncode:
        raise RuntimeError("exit status %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip()[:200]))
    return json.loads(done.stdout)


def tag(finding):
    return "%s:%s:%s" % (finding["severity"], finding["side"], finding["id"])


def words_of(finding):
    """All that a finding says, in lower case."""
    against = (finding.get("evidence") or {}).get("counter_evidence") or []
    if isinstance(against, str):
        against = [against]
    return " ".join([finding["id"], finding["text"], finding.get("settle") or ""] + list(against)).lower()


def names_both(finding, pair):
    words = words_of(finding)
    return all(re.search(NAMES[side], words) for side in pair)


def of_its_kind(truth, finding):
    return not truth["ids"] or re.search(truth["ids"], finding["id"]) or \
        finding["side"] == "capture" and "capture" in truth["side"]


def verdict(truth, findings):
    """The word for a scenario, and why."""
    top = [one for one in findings if one["severity"] in ABOVE]
    for one in findings:
        if truth["forbid"] and re.search(truth["forbid"], tag(one)):
            return "wrong", "%s is false" % tag(one)
    said = not truth["says"] or any(re.search(truth["says"], words_of(one)) for one in findings)
    if not top:
        if "none" not in truth["side"]:
            return "missed", "nothing above info"
        return ("right", "") if said else ("missed", "nothing says /%s/" % truth["says"])
    first = top[0]
    pairs = [pair for pair in truth["undecided"] if first["side"] in pair]
    if pairs:
        if not of_its_kind(truth, first):
            return "wrong", "another cause: %s" % tag(first)
        if names_both(first, pairs[0]):
            return "undecided", ""
        if first["side"] in truth["side"] and first["confidence"] != "high":
            return "right", ""
        return "overstated", "%s does not name the %s" % (tag(first), " or the ".join(pairs[0]))
    if first["side"] not in truth["side"]:
        return "wrong", "%s names the wrong side" % tag(first)
    if not of_its_kind(truth, first):
        return "wrong", "another cause: %s" % tag(first)
    return ("right", "") if said else ("missed", "nothing says /%s/" % truth["says"])


def is_right(truth, finding):
    """Is a finding above "info" true, alone?"""
    if truth["forbid"] and re.search(truth["forbid"], tag(finding)):
        return False
    for pair in truth["undecided"]:
        if finding["side"] in pair and names_both(finding, pair):
            return True
        if finding["side"] in pair and finding["confidence"] == "high":
            return False
    return finding["side"] in truth["side"]


def judge(command, folder, line):
    """One row: the truth's line and what was said."""
    try:
        result = ask(command, os.path.join(folder, line["file"]), line)
        findings = result["analysis"].get("findings") or []
        word, why = verdict(line, findings)
    except (RuntimeError, ValueError, OSError, KeyError, subprocess.TimeoutExpired) as error:
        findings, word, why = [], "failed", str(error)
    first = next((tag(one) for one in findings if one["severity"] in ABOVE), "-")
    return {"seed": line["seed"], "kind": line["kind"], "at": line["at"], "faultless": line["faultless"], "word": word,
            "why": why, "first": first, "tags": [tag(one) for one in findings],
            "claims": [(one["id"], one["confidence"], bool(is_right(line, one)))
                       for one in findings if one["severity"] in ABOVE],
            "texts": [one["text"] for one in findings[:4]]}


# ------------------------------------------------------------------ tables

def share(n, of):
    return "%.1f %%" % (100 * n / of) if of else "–"


def totals(rows):
    words = {}
    for row in rows:
        words[row["word"]] = words.get(row["word"], 0) + 1
    good = sum(words.get(word, 0) for word in GOOD)
    clean = [row for row in rows if row["faultless"]]
    accused = [row for row in clean if row["word"] not in GOOD]
    lines = ["| drawn scenarios | right | undecided, both named | overstated | wrong | missed | right or honestly undecided |",
             "|---|---|---|---|---|---|---|",
             "| %d | %d | %d | %d | %d | %d | %s |" % (
                 len(rows), words.get("right", 0), words.get("undecided", 0), words.get("overstated", 0),
                 words.get("wrong", 0) + words.get("failed", 0), words.get("missed", 0), share(good, len(rows))), "",
             "Accusations (a finding above info against an innocent party) on faultless scenarios: %d of %d." % (
                 len(accused), len(clean))]
    return lines


def calibration(rows):
    lines = ["| confidence | findings above info | right | share |", "|---|---|---|---|"]
    for level in ("high", "medium", "low"):
        claims = [right for row in rows for _, confidence, right in row["claims"] if confidence == level]
        lines.append("| %s | %d | %d | %s |" % (level, len(claims), sum(claims), share(sum(claims), len(claims))))
    return lines


def by_rule(rows):
    """Which rules are right how often, at which confidence."""
    rules = {}
    for row in rows:
        for name, confidence, right in row["claims"]:
            rules.setdefault((name, confidence), []).append(right)
    lines = ["| finding | confidence | said | right |", "|---|---|---|---|"]
    for (name, confidence), claims in sorted(rules.items()):
        lines.append("| `%s` | %s | %d | %d |" % (name, confidence, len(claims), sum(claims)))
    return lines


def matrix(rows):
    """The truth against the first finding above info."""
    kinds = {}
    for row in rows:
        one = kinds.setdefault(row["kind"], {"n": 0, "good": 0, "first": {}})
        one["n"] += 1
        one["good"] += row["word"] in GOOD
        side_and_id = ":".join(row["first"].split(":")[1:]) or "–"
        one["first"][side_and_id] = one["first"].get(side_and_id, 0) + 1
    lines = ["| truth | drawn | right or honestly undecided | first finding above info |", "|---|---|---|---|"]
    for kind, one in sorted(kinds.items()):
        said = ", ".join("%s %d" % ("none" if name == "–" else "`%s`" % name, n)
                         for name, n in sorted(one["first"].items(), key=lambda two: (-two[1], two[0])))
        lines.append("| %s | %d | %d | %s |" % (kind, one["n"], one["good"], said))
    return lines


def tables(rows):
    parts = [totals(rows), calibration(rows), matrix(rows), by_rule(rows)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"
