"""How a rectification goes from notice to closure, who may move it, and what is watched then (domain rule 6).

Headquarters asks an office, and any of its leaders answers; or an office's leader asks one of his own people, and
that person answers. The issuer's side verifies, or withdraws the notice with a reason. Nobody verifies, returns,
closes or withdraws what he answered himself, nor what is about his own call; and nobody answers what he issued,
verified, returned or closed.
"""

import enum
import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from supervision.actor import OFFICE_ROLES, Actor, Role
from supervision.draws.rules import Party

DUE_IN_WORKING_DAYS = 10
MOST_WORKING_DAYS = 60
JUDGED_IN_WORKING_DAYS = 10  # a reply is verified, and the notice closed; or it is returned
WATCHED = timedelta(days=90)
MOST_FINDINGS = 50


class RectificationState(enum.StrEnum):
    """Where a rectification stands."""

    OPEN = "open"
    RETURNED = "returned"
    REOPENED = "reopened"
    ANSWERED = "answered"
    VERIFIED = "verified"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Move(enum.StrEnum):
    """What happens to it. It recurs by itself, when the watch finds the same again."""

    ANSWER = "answer"
    RETURN = "return"
    VERIFY = "verify"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    RECUR = "recur"


MOVES: Mapping[tuple[RectificationState, Move], RectificationState] = MappingProxyType(
    {
        (RectificationState.OPEN, Move.ANSWER): RectificationState.ANSWERED,
        (RectificationState.RETURNED, Move.ANSWER): RectificationState.ANSWERED,
        (RectificationState.REOPENED, Move.ANSWER): RectificationState.ANSWERED,
        (RectificationState.ANSWERED, Move.RETURN): RectificationState.RETURNED,
        (RectificationState.ANSWERED, Move.VERIFY): RectificationState.VERIFIED,
        (RectificationState.VERIFIED, Move.CLOSE): RectificationState.CLOSED,
        (RectificationState.CLOSED, Move.RECUR): RectificationState.REOPENED,
        (RectificationState.OPEN, Move.WITHDRAW): RectificationState.WITHDRAWN,
        (RectificationState.RETURNED, Move.WITHDRAW): RectificationState.WITHDRAWN,
        (RectificationState.REOPENED, Move.WITHDRAW): RectificationState.WITHDRAWN,
        (RectificationState.ANSWERED, Move.WITHDRAW): RectificationState.WITHDRAWN,
        (RectificationState.VERIFIED, Move.WITHDRAW): RectificationState.WITHDRAWN,
    }
)
UNANSWERED = frozenset(state for state, move in MOVES if move is Move.ANSWER)
UNFINISHED = frozenset(RectificationState) - {RectificationState.CLOSED, RectificationState.WITHDRAWN}


def after(state: RectificationState, move: Move) -> RectificationState | None:
    """The state after a move; None where there is no such move."""
    return MOVES.get((state, move))


class Verdict(enum.StrEnum):
    """What the issuer's side says of a reply."""

    RETURNED = "returned"
    VERIFIED = "verified"


@dataclass(frozen=True)
class Notice:
    """A rectification, as far as the rule of who may what looks at it.

    `party`: who asks. `addressee`: who answers inside an office; None where the office's leaders answer.
    `answered_by`: who wrote any of its replies; `judged_by`: who verified or returned any of them, or closed it
    last; `concerned`: whose calls its findings are about.
    """

    party: Party
    office_code: str
    addressee: uuid.UUID | None = None
    issued_by: uuid.UUID | None = None
    answered_by: frozenset[uuid.UUID] = frozenset()
    judged_by: frozenset[uuid.UUID] = frozenset()
    concerned: frozenset[uuid.UUID] = frozenset()


class Objection(enum.StrEnum):
    """Why a person may not: it is not his to do, or he stood on the other side of it before."""

    NOT_YOURS = "not_yours"
    ISSUED_YOURSELF = "issued_yourself"
    ANSWERED_YOURSELF = "answered_yourself"
    JUDGED_YOURSELF = "judged_yourself"
    ABOUT_YOURSELF = "about_yourself"


_SECTION = frozenset({Role.SUPERVISOR, Role.SUPERVISION_HEAD})


def objection(actor: Actor, move: Move, notice: Notice) -> Objection | None:
    """What stands against a person's making a move, or None."""
    if move is Move.RECUR:
        return Objection.NOT_YOURS
    if move is Move.ANSWER:
        return _objection_to_answer(actor, notice)
    if not _issues(actor, notice):
        return Objection.NOT_YOURS
    if actor.account_id in notice.concerned:
        return Objection.ABOUT_YOURSELF
    return Objection.ANSWERED_YOURSELF if actor.account_id in notice.answered_by else None


def _objection_to_answer(actor: Actor, notice: Notice) -> Objection | None:
    if not _answers(actor, notice):
        return Objection.NOT_YOURS
    if actor.account_id == notice.issued_by:
        return Objection.ISSUED_YOURSELF
    return Objection.JUDGED_YOURSELF if actor.account_id in notice.judged_by else None


def _answers(actor: Actor, notice: Notice) -> bool:
    if actor.office_code != notice.office_code:
        return False
    if notice.party is Party.HQ:
        return actor.role is Role.OFFICE_LEADER
    return actor.account_id == notice.addressee


def _issues(actor: Actor, notice: Notice) -> bool:
    """Whether he is of the issuer's side; of a notice that came to be about its issuer, the section is as well."""
    if notice.party is Party.HQ or (actor.role in _SECTION and notice.issued_by in notice.concerned):
        return actor.role in _SECTION
    is_leader = actor.role is Role.OFFICE_LEADER and actor.office_code == notice.office_code
    return is_leader and actor.account_id != notice.addressee


def party_of(actor: Actor) -> Party | None:
    """For whom a person asks, if he may ask at all."""
    if actor.role in _SECTION:
        return Party.HQ
    return Party.OFFICE if actor.role is Role.OFFICE_LEADER else None


def may_be_asked(actor: Actor, account_id: uuid.UUID, role: Role, office_code: str | None) -> bool:
    """Whether an office's leader may address a notice to somebody: another one of his own office."""
    same = actor.office_code is not None and office_code == actor.office_code
    return same and role in OFFICE_ROLES and account_id != actor.account_id


def is_overdue(state: RectificationState, due_on: date, today: date) -> bool:
    """Whether the reply is late, or what the issuer's side says of it: on its last day it is not yet."""
    return state in UNFINISHED and today > due_on


class Media(enum.StrEnum):
    """What an attachment may be, by its content; each with the media type under which it is served."""

    media_type: str
    shown: bool

    def __new__(cls, value: str, media_type: str, shown: bool) -> "Media":
        """One row: the ending of its name, its type, and whether a browser may show it in place."""
        one = str.__new__(cls, value)
        one._value_ = value
        one.media_type = media_type
        one.shown = shown
        return one

    PDF = "pdf", "application/pdf", True
    JPEG = "jpg", "image/jpeg", True
    PNG = "png", "image/png", True
    DOCX = "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", False
    XLSX = "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", False
    DOC = "doc", "application/msword", False
    XLS = "xls", "application/vnd.ms-excel", False


LARGEST_BYTES = 10 * 1024 * 1024
MOST_FILES = 5
MOST_BYTES_A_DAY = 500 * 1024 * 1024  # of an office: headquarters' disk is there for recordings
LONGEST_NAME = 100
_PATHS = re.compile(r"[/\\]")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def clean_name(given: str, media: Media) -> str:
    """A file's name to show and to offer: no folder, no control character, and the ending that its content has."""
    last = _PATHS.split(unicodedata.normalize("NFC", given))[-1]
    plain = " ".join("".join(one for one in last if unicodedata.category(one)[0] != "C").split()).strip(" .")
    stem = _ENDING.sub("", plain).strip(" .")[:LONGEST_NAME]
    return f"{stem or 'attachment'}.{media.value}"


def watched_until(closed_on: date) -> date:
    """The last day of which calls are watched."""
    return closed_on + WATCHED
