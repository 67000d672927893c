#!/usr/bin/env python3
"""Re-run a draw from its transcript, with nothing but Python's standard library (3.9 or newer).

    python3 verify_draw.py TRANSCRIPT.json [--against OTHER.json]

The transcript is what both sites publish of a draw. All of it is computed again: the list's root, each commitment
from the share that was revealed, the rate, the seed, each ticket, and what is drawn from each person's calls.
`--against` compares it with the other party's transcript, or with one that you kept: a transcript that somebody wrote
anew as a whole is consistent in itself, and only that shows it. Exit code 0: all is as it says; 1: it is not.
"""

import argparse
import hashlib
import json
import math
import re
import sys
from fractions import Fraction

FLOORS = {"office": Fraction(1, 5), "hq": Fraction(1, 10)}
HEX = re.compile(r"[0-9a-f]{64}")
ALL_UP_TO = 5


def digest(*lines):
    """The SHA-256, in hex, of these lines, each ended by one LF."""
    return hashlib.sha256("".join(line + "\n" for line in lines).encode("utf-8")).hexdigest()


def digest_of(transcript):
    """The hash of a transcript without its own."""
    rest = {key: value for key, value in transcript.items() if key != "digest"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Check:
    """What was looked at, and what was found wrong."""

    def __init__(self):
        self.said = []
        self.faults = []

    def that(self, holds, what, otherwise):
        """Note one thing that must hold."""
        if holds:
            self.said.append(what)
        else:
            self.faults.append(otherwise)


def verify(transcript):
    """All checks of one transcript."""
    check = Check()
    check.that(
        digest_of(transcript) == transcript["digest"],
        "the transcript is as it was written",
        "the transcript was changed: its digest is another",
    )
    entries = [(one["call"], one["stratum"], one["audio"]) for one in transcript["list"]]
    _list(check, transcript, entries)
    for attempt in transcript["attempts"]:
        _attempt(check, transcript, attempt)
    _numbers(check, transcript, len(entries))
    last = transcript["attempts"][-1]
    shares = last["shares"]
    if not (shares["office"] and shares["hq"]):
        check.that(not transcript["tickets"], "nothing is drawn yet", "there are tickets, but not both shares")
        return check
    _tickets(check, transcript, entries, last)
    return check


def _list(check, transcript, entries):
    calls = [call for call, _, _ in entries]
    check.that(
        calls == sorted(set(calls), key=lambda call: call.encode("utf-8")),
        "the list has %d calls, sorted, each once" % len(calls),
        "the list is not sorted, or has a call twice",
    )
    fit = all(
        call and stratum and not re.search(r"\s", call + stratum) and (audio == "-" or HEX.fullmatch(audio))
        for call, stratum, audio in entries
    )
    check.that(fit, "each line is a call, a person and the hash of its audio", "a line of the list is malformed")
    root = digest(*("%s %s %s" % entry for entry in entries))
    if transcript["root"] is not None or entries:
        check.that(
            root == transcript["root"],
            "the list's root is %s" % root,
            "the list is not the one that was agreed on: its root is %s, the transcript says %s"
            % (root, transcript["root"]),
        )


def _attempt(check, transcript, attempt):
    for party in ("office", "hq"):
        share = attempt["shares"][party]
        if share is None:
            continue
        right = bool(HEX.fullmatch(share)) and digest(transcript["draw"], party, share) == attempt["commitments"][party]
        check.that(
            right,
            "attempt %d: the share of %s is what it had committed to" % (attempt["n"], party),
            "attempt %d: the share of %s is not what it had committed to" % (attempt["n"], party),
        )
    if attempt["dice"]:
        check.that(
            len(set(attempt["witnesses"])) >= 2,
            "attempt %d: dice %s before %s" % (attempt["n"], attempt["dice"], ", ".join(attempt["witnesses"])),
            "attempt %d: the dice have no two witnesses" % attempt["n"],
        )


def _numbers(check, transcript, calls):
    tier, attempts = transcript["draw"].split(":")[0], transcript["attempts"]
    base = Fraction(transcript["rate"])
    late = "+" in transcript["draw"]
    if late and calls <= ALL_UP_TO:
        base = Fraction(1)
    check.that(
        FLOORS[tier] <= Fraction(transcript["rate"]) <= 1,
        "the rate of %s is no lower than %s" % (transcript["rate"], FLOORS[tier]),
        "the rate of %s is lower than %s" % (transcript["rate"], FLOORS[tier]),
    )
    expected = [str(min(base * 2 ** n, Fraction(1))) for n in range(len(attempts))]
    check.that(
        [attempt["n"] for attempt in attempts] == list(range(1, len(attempts) + 1))
        and [attempt["rate"] for attempt in attempts] == expected,
        "each of %d attempt(s) is at its rate: %s" % (len(attempts), ", ".join(expected)),
        "the attempts are not at the rates %s" % ", ".join(expected),
    )
    for attempt in attempts[1:]:
        revealed = any(attempt["shares"].values())
        check.that(
            bool(attempt["dice"]) or not revealed,
            "attempt %d has dice, or reveals nothing yet" % attempt["n"],
            "attempt %d went on without dice" % attempt["n"],
        )


def _tickets(check, transcript, entries, last):
    shares, rate = last["shares"], Fraction(last["rate"])
    seed = digest(transcript["draw"], transcript["root"], shares["office"], shares["hq"], last["dice"])
    check.that(seed == transcript["seed"], "the seed is %s" % seed, "the seed is %s, the transcript says another" % seed)
    strata = {}
    for call, stratum, _ in entries:
        strata.setdefault(stratum, []).append((digest(seed, call), call, stratum))
    drawn = sorted(
        ticket for tickets in strata.values() for ticket in sorted(tickets)[: math.ceil(rate * len(tickets))]
    )
    said = [(one["ticket"], one["call"], one["stratum"]) for one in transcript["tickets"]]
    check.that(
        said == drawn,
        "%d of %d calls are drawn, in this order of work" % (len(drawn), len(entries)),
        "other calls are drawn: %s" % (", ".join(call for _, call, _ in drawn) or "none"),
    )


def main(arguments=None):
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transcript")
    parser.add_argument("--against", help="the other party's transcript of the same draw, or one that was kept")
    given = parser.parse_args(arguments)
    try:
        transcript, other = _read(given.transcript), given.against and _read(given.against)
        check = verify(transcript)
        if other:
            _compare(check, transcript, other)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError) as error:
        print("FAULT: this is no whole transcript: %s: %s" % (type(error).__name__, error))
        return 1
    print("Draw %s" % transcript["draw"])
    for line in check.said:
        print("  ok     %s" % line)
    for line in check.faults:
        print("  FAULT  %s" % line)
    if not check.faults:
        for n, one in enumerate(transcript["tickets"], 1):
            print("  %4d.  %s  %s" % (n, one["call"], one["stratum"]))
    print("NOT looked at: whether the list has every call (both parties agreed on it), and who threw the dice.")
    if not other:
        print("NOT looked at: the other party's transcript. Compare with it: --against OTHER.json")
    print("The draw is as it says." if not check.faults else "The draw is NOT as it says.")
    return 1 if check.faults else 0


def _read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _compare(check, transcript, other):
    for key in ("draw", "rate", "root", "list", "seed", "tickets"):
        check.that(transcript[key] == other[key], "both say the same of: %s" % key, "the two differ in: %s" % key)
    parts = ("n", "rate", "commitments", "shares", "dice", "witnesses")
    one, two = ([{part: a[part] for part in parts} for a in t["attempts"]] for t in (transcript, other))
    check.that(one == two, "both say the same of: attempts", "the two differ in: attempts")


if __name__ == "__main__":
    sys.exit(main())
