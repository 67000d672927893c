"""The completeness certificate's arithmetic (S3): answered = recorded = received = verified, or what is not.

A pure rule. A call fails at the first step that it does not reach; what is counted at a step was counted at all
those before it, so that equal sums mean equal calls.
"""

import enum
import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


class Step(enum.StrEnum):
    """The steps of a call's proof, in order; a call without record is not even in the first."""

    WRITTEN_DOWN = "written_down"
    RECORDED = "recorded"
    RECEIVED = "received"
    VERIFIED = "verified"


@dataclass(frozen=True)
class CallRow:
    """One answered call of the period, and how far its audio is proved.

    `recorded`: audio was closed at the office; `received`: all of it is here with the right hash; `verified`:
    sealed here, its file there with the right length, and the office's copy has the same hash. `deleted`: two
    people had it deleted, and the proof stands for the file; it must tell the office's hash as well (rule 11).
    """

    call_id: uuid.UUID
    offered_at: datetime
    written_down: bool = True
    recorded: bool = False
    received: bool = False
    verified: bool = False
    pcm_sha256: str | None = None
    deleted: bool = False


@dataclass(frozen=True)
class Lacking:
    """One call that is not proved, and the first step that it does not reach."""

    call_id: uuid.UUID
    offered_at: datetime
    step: Step


@dataclass(frozen=True)
class Certificate:
    """The four sums, the calls that make them differ, and the hashes of what is verified, in order of offering.

    `by_proof` of the verified are those that were deleted since, by two people and with a proof.
    """

    answered: int
    recorded: int
    received: int
    verified: int
    by_proof: int
    lacking: tuple[Lacking, ...]
    hashes: tuple[tuple[uuid.UUID, str], ...]

    @property
    def complete(self) -> bool:
        """Whether answered = recorded = received = verified."""
        return not self.lacking


def certificate(rows: Iterable[CallRow]) -> Certificate:
    """The certificate of these calls; the order in which they come does not matter."""
    ordered = sorted({row.call_id: row for row in rows}.values(), key=lambda row: (row.offered_at, row.call_id))
    stops = [(row, _stops_at(row)) for row in ordered]
    steps = list(Step)

    def past(step: Step) -> int:
        return sum(1 for _, stop in stops if stop is None or steps.index(stop) > steps.index(step))

    return Certificate(
        answered=len(ordered),
        recorded=past(Step.RECORDED),
        received=past(Step.RECEIVED),
        verified=past(Step.VERIFIED),
        by_proof=sum(1 for row, stop in stops if stop is None and row.deleted),
        lacking=tuple(Lacking(row.call_id, row.offered_at, stop) for row, stop in stops if stop is not None),
        hashes=tuple((row.call_id, row.pcm_sha256 or "") for row, stop in stops if stop is None),
    )


def canonical_list(found: Certificate) -> bytes:
    """The verified calls as text: a line `CALL_ID PCM_SHA256` each, sorted as bytes, each ended by one LF."""
    return "".join(sorted(f"{call_id} {pcm_sha256}\n" for call_id, pcm_sha256 in found.hashes)).encode()


def digest(found: Certificate) -> str:
    """SHA-256 of that text, as `sha256sum` gives it."""
    return hashlib.sha256(canonical_list(found)).hexdigest()


def _stops_at(row: CallRow) -> Step | None:
    for step in Step:
        if not getattr(row, step.value):
            return step
    return None


# Of days that go on, the last minutes may still be on their way.
UNDER_WAY = timedelta(minutes=10)


class Unsure(enum.StrEnum):
    """Why there may be calls of which headquarters knows nothing."""

    NEVER_SENT = "never_sent"
    NOT_ALL_SENT = "not_all_sent"
    NUMBERS_MISSING = "numbers_missing"
    FACTS_REFUSED = "facts_refused"
    BROKEN_OFF = "broken_off"


@dataclass(frozen=True)
class ReceivedFacts:
    """What was received of an office's facts, of all its epochs together.

    `until`: whatever it wrote down before then is here (None: it never sent anything). `last`: the number of its
    last fact. `whole`: no number is missing. `refused`: facts of these days that were refused.
    `broken_off`: in these days its node's database was lost or put back, with what it had not sent.
    """

    until: datetime | None
    last: int = 0
    whole: bool = True
    refused: int = 0
    broken_off: bool = False


def unsure(received: ReceivedFacts, over: datetime, at: datetime) -> Sequence[Unsure]:
    """Why it is not sure, at `at`, that every call of the days until `over` is known here; nothing if it is."""
    found = []
    if received.until is None:
        found.append(Unsure.NEVER_SENT)
    elif received.until < min(over, at - UNDER_WAY):
        found.append(Unsure.NOT_ALL_SENT)
    if not received.whole:
        found.append(Unsure.NUMBERS_MISSING)
    if received.refused:
        found.append(Unsure.FACTS_REFUSED)
    if received.broken_off:
        found.append(Unsure.BROKEN_OFF)
    return tuple(found)
