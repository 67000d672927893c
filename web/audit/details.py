"""The details of an audit entry in words: the names that acts write, and the plain values under them."""

from collections.abc import Mapping
from typing import Any

from flask import json

from web.language import gettext


def shown(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each name of a detail in words, with its value as a text."""
    return [(name_of(name), value_of(value)) for name, value in detail.items()]


def value_of(value: object) -> str:
    """A value as it is read: names in it in words, codes as they were written."""
    if value is None or value in ("", [], {}):
        return gettext("none")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        pairs = [(name_of(name), value_of(inner)) for name, inner in value.items()]
        return gettext("; ").join(gettext("%(name)s: %(value)s", name=name, value=inner) for name, inner in pairs)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return gettext(", ").join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def name_of(name: str) -> str:
    """A name of a detail, in a few words; one that is not known yet as it is written."""
    return {
        "account": gettext("Account"),
        "active": gettext("Switched on"),
        "added": gettext("Added"),
        "address": gettext("Address"),
        "after": gettext("After the change"),
        "agent": gettext("Browser"),
        "agreed": gettext("Agreed to"),
        "agreed_by": gettext("Agreed by"),
        "answered": gettext("Answered"),
        "asked_by": gettext("Asked for by"),
        "attempts": gettext("Attempts"),
        "bad_n": gettext("First bad entry"),
        "before": gettext("Before the change"),
        "by_silence": gettext("Frozen without the office's word"),
        "call": gettext("Call"),
        "calls": gettext("Calls"),
        "cause": gettext("Cause"),
        "changed": gettext("Changed"),
        "check": gettext("How it was made sure"),
        "clauses": gettext("Clauses"),
        "counting": gettext("Whether it counts"),
        "covered": gettext("Covered up to entry"),
        "days": gettext("Days"),
        "days_before": gettext("Days before the change"),
        "deletion": gettext("Deletion"),
        "desk": gettext("Desk"),
        "dice": gettext("Dice"),
        "disposition": gettext("Result"),
        "draw": gettext("Draw"),
        "due_on": gettext("Due on"),
        "ended_at": gettext("Ended at"),
        "entries": gettext("Entries that hold"),
        "fault": gettext("Fault"),
        "filter": gettext("Filter"),
        "flac_sha256": gettext("SHA-256 of the file"),
        "form": gettext("Form"),
        "from": gettext("From day, or from whom"),
        "gone": gettext("Gone"),
        "grade": gettext("Grade"),
        "head": gettext("Head"),
        "heard_s": gettext("Heard, seconds"),
        "hold": gettext("Hold"),
        "kind": gettext("Kind"),
        "lacking": gettext("Incomplete calls"),
        "letter": gettext("Letter"),
        "line": gettext("Line"),
        "listening": gettext("Listening"),
        "log": gettext("Log"),
        "login": gettext("Sign-in name"),
        "longest": gettext("Talk at most, seconds"),
        "n": gettext("Version"),
        "name": gettext("Name"),
        "note": gettext("Note"),
        "note_before": gettext("Note before the change"),
        "number": gettext("Number, or the caller's"),
        "office": gettext("Office"),
        "officer": gettext("Officer"),
        "outcome": gettext("Outcome"),
        "papers": gettext("Certificates"),
        "password": gettext("With a password"),
        "pcm_sha256": gettext("SHA-256 of the sound"),
        "percent": gettext("Percent"),
        "reason": gettext("Reason"),
        "received": gettext("Received"),
        "recordings": gettext("Recordings"),
        "released": gettext("Calls let go"),
        "reported": gettext("Stretches reported"),
        "reset": gettext("Request for two people"),
        "reviewer": gettext("Who reviews"),
        "role": gettext("Role"),
        "root": gettext("Hash of the list"),
        "rows": gettext("Rows"),
        "score": gettext("Score"),
        "seat": gettext("Agreed as"),
        "seats": gettext("Seats changed"),
        "seconds": gettext("Seconds"),
        "seed": gettext("Seed"),
        "serial": gettext("Serial number"),
        "settled": gettext("Settled"),
        "sha256": "SHA-256",
        "shortest": gettext("Talk at least, seconds"),
        "sign_in": gettext("Session"),
        "since": gettext("Since"),
        "sort": gettext("Order"),
        "sound": gettext("Sound chain"),
        "spared": gettext("Deletions it spared"),
        "stretches": gettext("Stretches heard, seconds"),
        "tickets": gettext("Tickets"),
        "tier": gettext("Draw of"),
        "to": gettext("Until"),
        "unsure": gettext("Not sure because of"),
        "until": gettext("Until day"),
        "verified": gettext("Content looked through"),
        "waiting": gettext("Waiting"),
        "way": gettext("Way it went"),
        "why": gettext("Why"),
        "written": gettext("Written"),
    }.get(name, name)
