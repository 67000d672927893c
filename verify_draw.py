#!/usr/bin/env python3
"""Re-run a draw from its transcript, with nothing but Python's standard library (3.9 or newer).

    python3 verify_draw.py TRANSCRIPT.json [--against OTHER.json]

The transcript is what both sites publish of a draw. All of it is computed again: the list's root, each commitment
from the share that was revealed, the rate, the seed, each ticket and what came in place of an unusable one, or the
order of a list that is due whole. `--against` compares it with the other party's transcript, or with one that you
kept: one that somebody wrote anew as a whole is consistent in itself, and only that shows it. Exit code 0: all is
as it says; 1: it is not.
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
Row = tuple[str, str, str, str]

FLOORS = {"office": Fraction(1, 5), "hq": Fraction(1, 10)}
HEX = re.compile(r"[0-9a-f]{64}")
DICE = re.compile(r"[1-6]( [1-6]){0,31}")
ALL_UP_TO = 5
FEWEST_DICE = 8
FIELDS = {
    "format", "draw", "rate", "commitments", "closed", "moved", "differences", "list", "root", "shares", "dice",
    "witnesses", "seed", "whole", "tickets", "times", "digest",
}  # fmt: skip
TICKET_FIELDS = {"ticket", "call", "stratum", "instead_of", "outcome", "agreed"}
OUTCOMES = {"", "done", "unusable"}
REASONS = {
    "few_late_calls", "no_commitments", "no_commitment_of_office", "no_commitment_of_hq", "no_share_of_office",
    "no_share_of_hq",
}  # fmt: skip


def digest(*lines: str) -> str:
    """The SHA-256, in hex, of these lines, each ended by one LF."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def written(value: Any) -> str:
    """A value as JSON in one form only, so that what is written differently differs."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(transcript: Transcript) -> str:
    """The hash of a transcript without its own."""
    rest = {key: value for key, value in transcript.items() if key != "digest"}
    return hashlib.sha256(written(rest).encode()).hexdigest()


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
    check.that(
        set(transcript) == FIELDS and transcript["format"] == 2,
        "it says all that a transcript says, and nothing else",
        f"its fields are not those of a transcript: {sorted(set(transcript) ^ FIELDS)}",
    )
    entries = [(one["call"], one["stratum"], one["audio"]) for one in transcript["list"]]
    check_list(check, transcript, entries)
    check_rate(check, transcript)
    check_times(check, transcript["times"])
    check_shares(check, transcript)
    check_dice(check, transcript)
    check_tickets(check, transcript, entries)
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


def check_rate(check: Check, transcript: Transcript) -> None:
    """The rate is no lower than the floor."""
    tier, rate = transcript["draw"].split(":")[0], Fraction(transcript["rate"])
    check.that(
        FLOORS[tier] <= rate <= 1,
        f"the rate of {rate} is no lower than {FLOORS[tier]}",
        f"the rate of {rate} is lower than {FLOORS[tier]}",
    )


def check_times(check: Check, times: Transcript) -> None:
    """Nothing happened before what it rests on, by the clock of headquarters."""
    for earlier, later in (
        ("ends", "frozen"), ("frozen", "agreed"), ("agreed", "revealed"), ("revealed", "given"),
        ("agreed", "whole"), ("given", "drawn"),
    ):  # fmt: skip
        if times[earlier] and times[later]:
            check.that(
                moment(times[earlier]) <= moment(times[later]),
                f"what is {later} is not before what is {earlier}",
                f"{later} at {times[later]}, before {earlier} at {times[earlier]}",
            )


def moment(text: str) -> datetime:
    """A moment as the transcript writes it; one without a zone is none."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"a moment without a zone: {text}")
    return found


def check_shares(check: Check, transcript: Transcript) -> None:
    """Each share is what was committed to, and headquarters' is never without the office's."""
    shares = transcript["shares"]
    for party in ("office", "hq"):
        share, commitment = shares[party], transcript["commitments"][party]
        if share is None:
            continue
        right = HEX.fullmatch(share) and digest(transcript["draw"], party, share) == commitment
        what = f"the share of {party} is"
        check.that(right, f"{what} what it had committed to", f"{what} NOT what it had committed to")
    check.that(
        not (shares["hq"] and not shares["office"]),
        "the office's share was given first",
        "headquarters' share is there without the office's",
    )


def check_dice(check: Check, transcript: Transcript) -> None:
    """Dice are at least eight dice, confirmed by a witness of each side."""
    dice, witnesses = transcript["dice"], transcript["witnesses"]
    if not dice:
        check.that(not witnesses, "there were no dice", "there are witnesses of no dice")
        return
    check.that(DICE.fullmatch(dice), "the dice are dice", f"what stands there are no dice: {dice!r}")
    enough = len(dice.split()) >= FEWEST_DICE
    check.that(enough, f"the dice are {dice}", f"they are fewer than {FEWEST_DICE} dice: {dice}")
    check.that(
        len(witnesses) == 2 and all(witnesses) and witnesses[0] != witnesses[1],
        f"the dice were confirmed by {' and '.join(str(one) for one in witnesses)}",
        "the dice have not a witness of each side",
    )


def check_tickets(check: Check, transcript: Transcript, entries: list[Line]) -> None:
    """The seed, each ticket, and which of them are due: those that were drawn, or all of the list."""
    shares, whole = transcript["shares"], transcript["whole"]
    tickets = transcript["tickets"]
    fit = all(
        set(one) == TICKET_FIELDS
        and one["outcome"] in OUTCOMES
        and (one["agreed"] > 0) is (one["outcome"] == "unusable")
        for one in tickets
    )
    check.that(fit, "each ticket says how it came and what became of it", "a ticket is malformed")
    if whole is not None:
        check.that(
            whole["why"] in REASONS and whole["reviewer"] in FLOORS,
            f"the list was due whole ({whole['why']}), to be reviewed by {whole['reviewer']}",
            "it does not say why the list was due whole, and who reviews it",
        )
    is_small = "+" in transcript["draw"] and len(entries) <= ALL_UP_TO
    check.that(
        not (is_small and (shares["office"] or shares["hq"])),
        "shares are given only where there is something to draw",
        f"{ALL_UP_TO} late calls or fewer are due whole, without shares",
    )
    if whole is not None and whole["why"] == "few_late_calls":
        check.that(is_small, "they are few late calls", f"they are not {ALL_UP_TO} late calls or fewer")
    if shares["office"] and shares["hq"]:
        seed = digest(transcript["draw"], transcript["root"], shares["office"], shares["hq"], transcript["dice"])
        check.that(seed == transcript["seed"], f"the seed is {seed}", f"the seed is another: {seed}")
        compare_tickets(check, tickets, drawn_of(seed, Fraction(transcript["rate"]), entries, tickets))
    else:
        check.that(
            transcript["seed"] is None, "there is no seed without both shares", "a seed without both shares"
        )
        is_due = whole is not None and transcript["root"] is not None
        compare_tickets(check, tickets, whole_of(transcript, entries) if is_due else [])


def whole_of(transcript: Transcript, entries: list[Line]) -> list[Row]:
    """A whole list in its order of work."""
    head = digest(transcript["draw"], transcript["root"], "whole")
    return sorted((digest(head, call), call, stratum, "") for call, stratum, _ in entries)


def drawn_of(seed: str, rate: Fraction, entries: list[Line], tickets: list[Transcript]) -> list[Row]:
    """What is drawn, in the order of work, and then what came in place of each unusable one."""
    every = sorted((digest(seed, call), call, stratum) for call, stratum, _ in entries)
    strata: dict[str, list[Line]] = {}
    for one in every:
        strata.setdefault(one[2], []).append(one)
    drawn = sorted(one for lines in strata.values() for one in lines[: math.ceil(rate * len(lines))])
    rows: list[Row] = [(*one, "") for one in drawn]
    waiting = [one["call"] for one in sorted(tickets, key=agreed_of) if one["outcome"] == "unusable"]
    while True:
        known = {row[1]: row[2] for row in rows}
        gone = next((call for call in waiting if call in known), None)
        if gone is None:
            return rows
        waiting.remove(gone)
        left = [one for one in every if one[1] not in known]
        same = [one for one in left if one[2] == known[gone]]
        rows += [(*one, gone) for one in (same or left)[:1]]


def agreed_of(ticket: Transcript) -> int:
    """The how-manieth it was that two people found unusable."""
    return int(ticket["agreed"])


def compare_tickets(check: Check, tickets: list[Transcript], rows: list[Row]) -> None:
    """The tickets are these, in this order."""
    said = [(one["ticket"], one["call"], one["stratum"], one["instead_of"]) for one in tickets]
    check.that(
        said == rows,
        f"{len(rows)} calls are due, in this order of work",
        f"other calls are due: {', '.join(row[1] for row in rows) or 'none'}",
    )


def compare(check: Check, transcript: Transcript, other: Transcript) -> None:
    """Both parties' transcripts say the same of everything, in the same kind of value: true is not 1."""
    for key in sorted(FIELDS - {"digest"}):
        check.that(
            written(transcript[key]) == written(other[key]),
            f"both say the same of: {key}",
            f"the two differ in: {key}",
        )


def report(check: Check, transcript: Transcript, *, compared: bool) -> str:
    """What was checked, what was found, and what was not looked at."""
    lines = [f"Draw {transcript['draw']}"]
    lines += [f"  ok     {line}" for line in check.said] + [f"  FAULT  {line}" for line in check.faults]
    if not check.faults:
        lines += [f"  {n:4}.  {one['call']}  {one['stratum']}" for n, one in enumerate(transcript["tickets"], 1)]
    lines.append("NOT looked at: whether the list has every call (both parties agreed on it); who threw the dice;")
    lines.append("  the times but for their order (each is by the clock of headquarters).")
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
