#!/usr/bin/env python3
"""Re-run a draw from its transcript, with nothing but Python's standard library (3.9 or newer).

    python3 verify_draw.py TRANSCRIPT.json [--against OTHER.json]

The transcript is what both sites publish of a draw. All of it is computed again: the list's root, each commitment
from the share that was revealed, the rate, the seed, each ticket, and what is drawn from each person's calls.
`--against` compares it with the other party's transcript, or with one that you kept: one that somebody wrote anew
as a whole is consistent in itself, and only that shows it. Exit code 0: all is as it says; 1: it is not.
"""

import argparse
import hashlib
import json
import math
import re
import sys
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Optional

Transcript = dict[str, Any]
Line = tuple[str, str, str]

FLOORS = {"office": Fraction(1, 5), "hq": Fraction(1, 10)}
HEX = re.compile(r"[0-9a-f]{64}")
DICE = re.compile(r"[1-6]( [1-6]){0,31}")
ALL_UP_TO = 5


def digest(*lines: str) -> str:
    """The SHA-256, in hex, of these lines, each ended by one LF."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def digest_of(transcript: Transcript) -> str:
    """The hash of a transcript without its own."""
    rest = {key: value for key, value in transcript.items() if key != "digest"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Check:
    """What was looked at, and what was found wrong."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.faults: list[str] = []

    def that(self, holds: object, what: str, otherwise: str) -> None:
        """Note one thing that must hold."""
        (self.said if holds else self.faults).append(what if holds else otherwise)


def verify(transcript: Transcript) -> Check:
    """All checks of one transcript. Raises KeyError, TypeError and the like where it is none."""
    check = Check()
    check.that(
        digest_of(transcript) == transcript["digest"],
        "the transcript is as it was written",
        "the transcript was changed: its digest is another",
    )
    entries = [(one["call"], one["stratum"], one["audio"]) for one in transcript["list"]]
    check_list(check, transcript, entries)
    check_end(check, transcript.get("times") or {})
    for attempt in transcript["attempts"]:
        check_attempt(check, transcript, attempt)
    for attempt in transcript["attempts"][:-1]:
        check_withheld(check, attempt)
    check_rates(check, transcript, len(entries))
    last = transcript["attempts"][-1]
    if last["shares"]["office"] and last["shares"]["hq"]:
        check_tickets(check, transcript, entries, last)
    else:
        check.that(not transcript["tickets"], "nothing is drawn yet", "there are tickets, but not both shares")
    return check


def check_list(check: Check, transcript: Transcript, entries: list[Line]) -> None:
    """The list is sorted, well-formed, and the one whose root was agreed on."""
    calls = [call for call, _, _ in entries]
    check.that(
        calls == sorted(set(calls), key=str.encode),
        f"the list has {len(calls)} calls, sorted, each once",
        "the list is not sorted, or has a call twice",
    )
    fit = all(
        call and stratum and not re.search(r"\s", call + stratum) and (audio == "-" or HEX.fullmatch(audio))
        for call, stratum, audio in entries
    )
    check.that(fit, "each line is a call, a person and the hash of its audio", "a line of the list is malformed")
    root = digest(*(" ".join(entry) for entry in entries))
    if transcript["root"] is not None or entries:
        check.that(
            root == transcript["root"],
            f"the list's root is {root}",
            f"the list is not the one that was agreed on: its root is {root}",
        )


def check_attempt(check: Check, transcript: Transcript, attempt: Transcript) -> None:
    """Each share is what was committed to, and dice have two witnesses."""
    for party, share in attempt["shares"].items():
        if share is None:
            continue
        right = HEX.fullmatch(share) and digest(transcript["draw"], party, share) == attempt["commitments"][party]
        what = f"attempt {attempt['n']}: the share of {party} is"
        check.that(right, f"{what} what it had committed to", f"{what} NOT what it had committed to")
    if attempt["dice"]:
        check.that(
            len(set(attempt["witnesses"])) >= 2,
            f"attempt {attempt['n']}: dice {attempt['dice']} before {', '.join(attempt['witnesses'])}",
            f"attempt {attempt['n']}: the dice have no two witnesses",
        )
        check.that(
            DICE.fullmatch(attempt["dice"]),
            f"attempt {attempt['n']}: the dice are dice",
            f"attempt {attempt['n']}: what stands there are no dice: {attempt['dice']!r}",
        )


def check_withheld(check: Check, attempt: Transcript) -> None:
    """Whoever knows both shares knows what is drawn: nobody may begin again then."""
    lacking, by = [party for party, share in attempt["shares"].items() if not share], attempt.get("withheld_by")
    check.that(
        lacking and (by is None or by in lacking),
        f"attempt {attempt['n']}: a share was withheld, so nobody knew what it would have drawn",
        f"attempt {attempt['n']}: begun again although {by or 'nobody'} had withheld no share",
    )


def check_end(check: Check, times: Transcript) -> None:
    """The list was not frozen before its period was over."""
    if times.get("frozen") and times.get("ends"):
        check.that(
            moment(times["frozen"]) >= moment(times["ends"]),
            "the list was frozen after the end of its period",
            f"the list was frozen at {times['frozen']}, before its period ended at {times['ends']}",
        )


def moment(text: str) -> datetime:
    """A moment as the transcript writes it; one without a zone is none."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"a moment without a zone: {text}")
    return found


def check_rates(check: Check, transcript: Transcript, calls: int) -> None:
    """The rate is no lower than the floor, each new attempt is at twice the one before, and has dice."""
    tier, attempts, rate = transcript["draw"].split(":")[0], transcript["attempts"], Fraction(transcript["rate"])
    base = Fraction(1) if "+" in transcript["draw"] and calls <= ALL_UP_TO else rate
    check.that(
        FLOORS[tier] <= rate <= 1,
        f"the rate of {rate} is no lower than {FLOORS[tier]}",
        f"the rate of {rate} is lower than {FLOORS[tier]}",
    )
    expected = [(n + 1, str(min(base * 2**n, Fraction(1)))) for n in range(len(attempts))]
    check.that(
        [(attempt["n"], attempt["rate"]) for attempt in attempts] == expected,
        f"the {len(attempts)} attempt(s) are each at the right rate: {', '.join(rate for _, rate in expected)}",
        f"the attempts are not at the rates {', '.join(rate for _, rate in expected)}",
    )
    for attempt in attempts[1:]:
        check.that(
            attempt["dice"] or not any(attempt["shares"].values()),
            f"attempt {attempt['n']} has dice, or reveals nothing yet",
            f"attempt {attempt['n']} went on without dice",
        )


def check_tickets(check: Check, transcript: Transcript, entries: list[Line], last: Transcript) -> None:
    """The seed, each ticket, and which of them are drawn."""
    shares, rate = last["shares"], Fraction(last["rate"])
    seed = digest(transcript["draw"], transcript["root"], shares["office"], shares["hq"], last["dice"])
    check.that(seed == transcript["seed"], f"the seed is {seed}", f"the seed is another: {seed}")
    strata: dict[str, list[Line]] = {}
    for call, stratum, _ in entries:
        strata.setdefault(stratum, []).append((digest(seed, call), call, stratum))
    drawn = sorted(one for tickets in strata.values() for one in sorted(tickets)[: math.ceil(rate * len(tickets))])
    said = [(one["ticket"], one["call"], one["stratum"]) for one in transcript["tickets"]]
    check.that(
        said == drawn,
        f"{len(drawn)} of {len(entries)} calls are drawn, in this order of work",
        f"other calls are drawn: {', '.join(call for _, call, _ in drawn) or 'none'}",
    )


def compare(check: Check, transcript: Transcript, other: Transcript) -> None:
    """Both parties' transcripts say the same of everything that decides."""
    for key in ("draw", "rate", "root", "list", "seed", "tickets"):
        check.that(transcript[key] == other[key], f"both say the same of: {key}", f"the two differ in: {key}")
    parts = ("n", "rate", "commitments", "shares", "dice", "witnesses")
    one, two = ([{part: a[part] for part in parts} for a in t["attempts"]] for t in (transcript, other))
    check.that(one == two, "both say the same of: attempts", "the two differ in: attempts")


def report(check: Check, transcript: Transcript, *, compared: bool) -> str:
    """What was checked, what was found, and what was not looked at."""
    lines = [f"Draw {transcript['draw']}"]
    lines += [f"  ok     {line}" for line in check.said] + [f"  FAULT  {line}" for line in check.faults]
    if not check.faults:
        lines += [f"  {n:4}.  {one['call']}  {one['stratum']}" for n, one in enumerate(transcript["tickets"], 1)]
    lines.append("NOT looked at: whether the list has every call (both parties agreed on it); who threw the dice;")
    lines.append("  the times but for the end of the period (each is told by the clock of the party that did it).")
    if not compared:
        lines.append("NOT looked at: the other party's transcript. Compare with it: --against OTHER.json")
    lines.append("The draw is NOT as it says." if check.faults else "The draw is as it says.")
    return "\n".join(lines) + "\n"


def main(arguments: Optional[list[str]] = None) -> int:  # noqa: UP045 - Python 3.9 knows no other way
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transcript")
    parser.add_argument("--against", help="the other party's transcript of the same draw, or one that was kept")
    given = parser.parse_args(arguments)
    try:
        transcript = json.loads(Path(given.transcript).read_text("utf-8"))
        check = verify(transcript)
        if given.against:
            compare(check, transcript, json.loads(Path(given.against).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError) as error:
        sys.stdout.write(f"FAULT: this is no whole transcript: {type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(report(check, transcript, compared=bool(given.against)))
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
