"""
Where a capture alone and the comparison of two say different things of the same.  A comparison knows more, so it is
right where it is sure; what a capture alone says too surely then has a rule behind it that may be mended.
"""

DIRECTIONS = {"client_to_server": "to_server", "server_to_client": "to_client"}
ELSEWHERE = ("lost_before_", "lost_behind_")
# What a capture alone says where data vanish behind it.
VANISH = ("loss_", "data_swallowed", "mtu_black_hole_", "repeated_", "paced_by_losses", "unreachable", "path_mtu_told", "peer_gone")


def ids(findings):
    return {one["id"]: one for one in findings}


def of_loss(alone, stretch, said, direction, name):
    lost, unsure = stretch["lost_kinds"], stretch["undecided"] + stretch["outside_capture"]
    elsewhere = any(one + name in said for one in ELSEWHERE) or "missed_by_capture" in said
    loss = [one["loss_" + name] for one in alone if "loss_" + name in one]
    # of a FIN that is sent again a capture alone says that it may not have been lost
    if any("resent_fins" not in one.get("evidence", {}).get("counts", {}) for one in loss) and not (
            sum(lost.values()) or unsure or elsewhere):
        yield "loss alone, none compared", "%s: a capture alone says loss, and nothing is lost" % direction
    before = alone[0] if name == "to_server" else alone[1]
    if lost["data"] and not any(one.startswith(VANISH) for one in before):
        yield "loss compared, none alone", "%s: %d segments with data are lost, and the capture before says nothing" % (
            direction, lost["data"])


def of_resets(alone, stretch, direction, name):
    sender = "client" if name == "to_server" else "server"
    if not stretch["injected_kinds"]["rst"]:
        return
    behind = alone[1] if name == "to_server" else alone[0]
    for one in behind.values():
        if one["id"].startswith("reset_") and one.get("side") == sender:
            yield "end accused of a reset made between", "%s: %s names the %s, which sent none" % (
                direction, one["id"], sender)


def of_one_box(alone, result):
    made = any(result[direction]["injected_kinds"]["rst"] for direction in DIRECTIONS)
    said = [one.get("reset_not_by_endpoint") for one in alone]
    if not made and bool(said[0]) != bool(said[1]):
        yield "reset by a box, at one point only", "%s says that a reset is not an end's, and it passed both points" % (
            "B" if said[1] else "A")


def contradictions(result):
    """Of a comparison of two points: (kind, text) each."""
    if result["status"] != "ok" or "stretches" in result or result["connections"]["proxied"]:
        return []
    alone, said = [ids(point["findings"]) for point in result["points"]], ids(result["analysis"]["findings"])
    out = list(of_one_box(alone, result))
    for direction, name in DIRECTIONS.items():
        out += of_loss(alone, result[direction], said, direction, name)
        out += of_resets(alone, result[direction], direction, name)
    return out
