"""Texts on the screen about evaluations."""

from supervision.evaluations.messages import SentEvaluation
from supervision.evaluations.models import Judgement
from supervision.evaluations.rules import Category, Counting, FindingKind, Kind
from supervision.scorecards.rules import Grade
from web.language import gettext, ngettext


def kind(value: Kind) -> str:
    """Why a call is judged."""
    return {
        Kind.TICKET: gettext("Drawn call"),
        Kind.DIRECTED: gettext("Directed check"),
        Kind.RESCORE: gettext("Blind re-score"),
    }[value]


def grade(value: Grade) -> tuple[str, str]:
    """A grade, and the tone of its badge."""
    return {
        Grade.EXCELLENT: (gettext("Excellent"), "good"),
        Grade.GOOD: (gettext("Good"), "good"),
        Grade.PASS: (gettext("Pass"), "warn"),
        Grade.FAIL: (gettext("Fail"), "bad"),
    }[value]


def counting(value: Counting) -> tuple[str, str]:
    """Whether an evaluation counts for the quota, and the tone of its badge."""
    return {
        Counting.COUNTS: (gettext("Counts"), "good"),
        Counting.NOT_SUBMITTED: (gettext("Not submitted"), ""),
        Counting.NOTHING_TO_HEAR: (gettext("Does not count"), "warn"),
        Counting.TOO_LITTLE_HEARD: (gettext("Does not count yet"), "warn"),
        Counting.UNUSABLE: (gettext("Does not count"), "warn"),
        Counting.DIRECTED: (gettext("Kept apart"), "info"),
        Counting.RESCORE: (gettext("Kept apart"), "info"),
    }[value]


def copy_counting(kind: Kind, counts: bool | None) -> tuple[str, str]:
    """At an office: whether an evaluation counts as far as headquarters sent it, and the tone of its badge."""
    if kind is not Kind.TICKET:
        return gettext("Kept apart"), "info"
    if counts is None:
        return "–", ""
    return counting(Counting.COUNTS if counts else Counting.UNUSABLE)  # why not, headquarters does not send


def counting_explained(value: Counting) -> str:
    """The same in a sentence that says why, and what to do."""
    return {
        Counting.COUNTS: gettext("Enough of the call was heard: it counts for the quota."),
        Counting.NOT_SUBMITTED: gettext("It counts once it is submitted and enough of the call was heard."),
        Counting.NOTHING_TO_HEAR: gettext(
            "There is nothing to hear, so it cannot count. Propose the ticket as unusable."
        ),
        Counting.TOO_LITTLE_HEARD: gettext(
            "Its reviewer has heard too little of the call. Hear on: it counts by itself as soon as it is enough."
        ),
        Counting.UNUSABLE: gettext(
            "Its ticket is proposed as unusable or found so: then another recording takes its place."
        ),
        Counting.DIRECTED: gettext("A call that a person chose himself never counts for a quota."),
        Counting.RESCORE: gettext("Headquarters' second judgement never counts for a quota."),
    }[value]


def reason(judged: Judgement | SentEvaluation) -> str:
    """Why a version was put beside those before it."""
    return gettext("Judged in place of who had heard too little") if judged.in_place else judged.reason


def finding_kind(value: FindingKind) -> tuple[str, str]:
    """What was noticed, and the tone of its badge."""
    return {
        FindingKind.REMARK: (gettext("Remark"), ""),
        FindingKind.BREACH: (gettext("Breach"), "bad"),
        FindingKind.GOOD: (gettext("Good example"), "good"),
    }[value]


def category(value: Category) -> str:
    """What a finding is about."""
    return {
        Category.MANNER: gettext("Manner and patience"),
        Category.WORDS: gettext("Greeting and polite words"),
        Category.WRONG_ANSWER: gettext("Wrong answer"),
        Category.INCOMPLETE: gettext("Incomplete answer"),
        Category.REFERRAL: gettext("First-asked duty and referral"),
        Category.DISCIPLINE: gettext("Discipline of the post"),
        Category.OTHER: gettext("Other"),
    }[value]


def evaluations_found(number: int) -> str:
    """How many are on the page."""
    return ngettext("%(num)s evaluation on this page", "%(num)s evaluations on this page", number)
