"""The details of an audit entry in words: the names that acts write, and the plain values under them."""

from collections.abc import Mapping
from typing import Any

from flask import json

from web.language import gettext, lazy_gettext

_NAMES: Mapping[str, Any] = {
    "account": lazy_gettext("Account"),
    "active": lazy_gettext("Switched on"),
    "added": lazy_gettext("Added"),
    "address": lazy_gettext("Address"),
    "after": lazy_gettext("After the change"),
    "agent": lazy_gettext("Browser"),
    "agreed": lazy_gettext("Agreed to"),
    "agreed_by": lazy_gettext("Agreed by"),
    "answered": lazy_gettext("Answered"),
    "asked_by": lazy_gettext("Asked for by"),
    "attempts": lazy_gettext("Attempts"),
    "bad_n": lazy_gettext("First bad entry"),
    "before": lazy_gettext("Before the change"),
    "by_silence": lazy_gettext("Frozen without the office's word"),
    "bytes": lazy_gettext("Bytes"),
    "call": lazy_gettext("Call"),
    "calls": lazy_gettext("Calls"),
    "category": lazy_gettext("Category"),
    "cause": lazy_gettext("Cause"),
    "changed": lazy_gettext("Changed"),
    "chart": lazy_gettext("Chart"),
    "check": lazy_gettext("How it was made sure"),
    "clauses": lazy_gettext("Clauses"),
    "complaint": lazy_gettext("Complaint"),
    "counting": lazy_gettext("Whether it counts"),
    "covered": lazy_gettext("Covered up to entry"),
    "days": lazy_gettext("Days"),
    "days_before": lazy_gettext("Days before the change"),
    "deletion": lazy_gettext("Deletion"),
    "desk": lazy_gettext("Desk"),
    "dice": lazy_gettext("Dice"),
    "differences": lazy_gettext("Differences"),
    "discipline": lazy_gettext("Discipline record"),
    "disposition": lazy_gettext("Result"),
    "draw": lazy_gettext("Draw"),
    "due_on": lazy_gettext("Due on"),
    "ended_at": lazy_gettext("Ended at"),
    "entries": lazy_gettext("Entries that hold"),
    "fault": lazy_gettext("Fault"),
    "files": lazy_gettext("Attachments"),
    "filter": lazy_gettext("Filter"),
    "finding": lazy_gettext("Finding"),
    "findings": lazy_gettext("Findings"),
    "first": lazy_gettext("From day"),
    "flac_sha256": lazy_gettext("SHA-256 of the file"),
    "form": lazy_gettext("Form"),
    "found": lazy_gettext("Calls with a finding"),
    "from": lazy_gettext("From day, or from whom"),
    "gone": lazy_gettext("Gone"),
    "grade": lazy_gettext("Grade"),
    "head": lazy_gettext("Head"),
    "heard_s": lazy_gettext("Heard, seconds"),
    "hold": lazy_gettext("Hold"),
    "kind": lazy_gettext("Kind"),
    "lacking": lazy_gettext("Incomplete calls"),
    "last": lazy_gettext("To day"),
    "least_calls": lazy_gettext("Answered calls at least"),
    "least_evaluated": lazy_gettext("Evaluated calls at least"),
    "letter": lazy_gettext("Letter"),
    "line": lazy_gettext("Line"),
    "listening": lazy_gettext("Listening"),
    "log": lazy_gettext("Log"),
    "login": lazy_gettext("Sign-in name"),
    "longest": lazy_gettext("Talk at most, seconds"),
    "measure": lazy_gettext("Measure"),
    "n": lazy_gettext("Version"),
    "name": lazy_gettext("Name"),
    "needed": lazy_gettext("Whether something is needed"),
    "note": lazy_gettext("Note"),
    "note_before": lazy_gettext("Note before the change"),
    "number": lazy_gettext("Number, or the caller's"),
    "of": lazy_gettext("Of whom"),
    "office": lazy_gettext("Office"),
    "officer": lazy_gettext("Officer"),
    "outcome": lazy_gettext("Outcome"),
    "owner": lazy_gettext("Who sees to it"),
    "papers": lazy_gettext("Certificates"),
    "party": lazy_gettext("Who asks"),
    "password": lazy_gettext("With a password"),
    "pcm_sha256": lazy_gettext("SHA-256 of the sound"),
    "percent": lazy_gettext("Percent"),
    "period": lazy_gettext("Period"),
    "person": lazy_gettext("Person"),
    "quotas": lazy_gettext("Quotas kept"),
    "reason": lazy_gettext("Reason"),
    "received": lazy_gettext("Received"),
    "recordings": lazy_gettext("Recordings"),
    "rectifications": lazy_gettext("Rectifications in time"),
    "released": lazy_gettext("Calls let go"),
    "reported": lazy_gettext("Stretches reported"),
    "reset": lazy_gettext("Request for two people"),
    "restored_to": lazy_gettext("Restored to"),
    "reviewer": lazy_gettext("Who reviews"),
    "rings": lazy_gettext("Within three rings"),
    "role": lazy_gettext("Role"),
    "root": lazy_gettext("Hash of the list"),
    "rows": lazy_gettext("Rows"),
    "score": lazy_gettext("Score"),
    "seat": lazy_gettext("Agreed as"),
    "seats": lazy_gettext("Seats changed"),
    "seconds": lazy_gettext("Seconds"),
    "seed": lazy_gettext("Seed"),
    "serial": lazy_gettext("Serial number"),
    "settled": lazy_gettext("Settled"),
    "sha256": "SHA-256",
    "shortest": lazy_gettext("Talk at least, seconds"),
    "sign_in": lazy_gettext("Session"),
    "since": lazy_gettext("Since"),
    "sort": lazy_gettext("Order"),
    "sound": lazy_gettext("Sound chain"),
    "spared": lazy_gettext("Deletions it spared"),
    "stretches": lazy_gettext("Stretches heard, seconds"),
    "text": lazy_gettext("Text"),
    "tickets": lazy_gettext("Tickets"),
    "tier": lazy_gettext("Draw of"),
    "to": lazy_gettext("Until"),
    "unsure": lazy_gettext("Not sure because of"),
    "until": lazy_gettext("Until day"),
    "verdict": lazy_gettext("Decision"),
    "verified": lazy_gettext("Content looked through"),
    "waiting": lazy_gettext("Waiting"),
    "way": lazy_gettext("Way it went"),
    "week": lazy_gettext("Week"),
    "weights": lazy_gettext("Weights"),
    "why": lazy_gettext("Why"),
    "worked": lazy_gettext("Working day"),
    "written": lazy_gettext("Written"),
    "appeal_until": lazy_gettext("Appeal until"),
    "at_s": lazy_gettext("Place in the recording, seconds"),
    "clause": lazy_gettext("Clause"),
    "evaluation": lazy_gettext("Evaluation"),
    "fallen": lazy_gettext("What fell with it"),
    "grounds": lazy_gettext("Grounds"),
    "points": lazy_gettext("Points"),
    "record": lazy_gettext("Discipline or commendation"),
    "remedy": lazy_gettext("How it is put right"),
    "side": lazy_gettext("Discipline or commendation"),
    "state": lazy_gettext("State"),
}


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
    return str(_NAMES.get(name, name))
