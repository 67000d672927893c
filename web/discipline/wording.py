"""How records, appeals and notices of judgements are spoken of on the screen."""

from supervision.discipline.models import Record
from supervision.discipline.rules import AppealState, RecordState, Remedy, Target
from supervision.regulation.rules import Side
from web.language import gettext


def refusals() -> dict[str, str]:
    """Why something about a record or an appeal was not done, by the word of the refusal."""
    return {
        "discipline_not_yours": gettext("This is for another person to do."),
        "discipline_about_yourself": gettext("This is about yourself: another person proposes and decides it."),
        "discipline_proposed_yourself": gettext("You proposed it: another person must decide."),
        "discipline_decided_yourself": gettext("You decided it yourself: another person must go on."),
        "discipline_judged_yourself": gettext("You judged the call yourself: another person must go on."),
        "discipline_not_at_this_step": gettext("This record is not at this step any more."),
        "discipline_not_sealed": gettext(
            "The recording of a call is not sealed, so there is no hash to cite yet."
        ),
        "discipline_ground_contested": gettext(
            "An appeal against a judgement that it rests on is open or was upheld: that is decided first."
        ),
        "discipline_ground_amended": gettext(
            "A judgement that it rests on was amended since: decline it, and have it proposed on the new one."
        ),
        "discipline_proposed_already": gettext(
            "The same kind was proposed on the same judgements already and was not taken back."
        ),
        "discipline_not_of_complaint": gettext(
            "Only a discipline record about the very person complained of comes of this complaint."
        ),
        "discipline_of_complaint_already": gettext(
            "A record that was not taken back comes of this complaint already."
        ),
        "appeal_not_yours": gettext("This appeal is for another person to decide."),
        "appeal_about_yourself": gettext("This is your own appeal: another person decides it."),
        "appeal_proposed_yourself": gettext("You proposed what it is against: another person decides."),
        "appeal_decided_yourself": gettext("You had part in what it is against: another person decides."),
        "appeal_judged_yourself": gettext("You judged the call yourself: another person decides."),
        "appeal_has_ended": gettext("This appeal has ended already."),
        "appeal_made_already": gettext("There was an appeal against it already; there is only one."),
        "appeal_too_late": gettext("The days for an appeal are over."),
        "appeal_judgement_replaced": gettext(
            "The judgement was amended or set aside meanwhile. You may appeal against the new one."
        ),
        "appeal_not_amended": gettext("The judgement is not amended yet: amend it first, or set it aside."),
    }


def faults() -> dict[tuple[str, str], str]:
    """What is wrong with a field, by the field and the word of the refusal."""
    return {
        ("at", "no_place"): gettext("Write the place in the recording as the player shows it, such as 1:05."),
        ("at", "beyond_end"): gettext("The recording is not that long: write the place as the player shows it."),
    }


def state(value: RecordState) -> tuple[str, str]:
    """Where a record stands, and the tone of its badge."""
    return {
        RecordState.PROPOSED: (gettext("To be decided"), "warn"),
        RecordState.WITHDRAWN: (gettext("Withdrawn"), ""),
        RecordState.DECLINED: (gettext("Nothing imposed"), ""),
        RecordState.NOTIFIED: (gettext("Decided, to be confirmed"), "info"),
        RecordState.CONFIRMED: (gettext("Decided and confirmed"), "good"),
        RecordState.APPEALED: (gettext("Under appeal"), "warn"),
        RecordState.MAINTAINED: (gettext("Maintained after an appeal"), "good"),
        RecordState.REVOKED: (gettext("Revoked"), "bad"),
    }[value]


def appeal_state(value: AppealState) -> tuple[str, str]:
    """Where an appeal stands, and the tone of its badge."""
    return {
        AppealState.OPEN: (gettext("To be decided"), "warn"),
        AppealState.RETRACTED: (gettext("Retracted"), ""),
        AppealState.DISMISSED: (gettext("Appeal not upheld"), "bad"),
        AppealState.UPHELD: (gettext("Appeal upheld"), "good"),
        AppealState.MOOT: (gettext("Without object any more"), ""),
    }[value]


def target(value: Target) -> str:
    """What an appeal is against."""
    return {Target.JUDGEMENT: gettext("An evaluation"), Target.RECORD: gettext("A discipline record")}[value]


def remedy(value: Remedy) -> str:
    """How an upheld appeal against a judgement is put right."""
    return {
        Remedy.AMENDED: gettext("The evaluation is amended"),
        Remedy.SET_ASIDE: gettext("The evaluation is set aside"),
    }[value]


def points(record: Record) -> str:
    """What a record takes or gives."""
    sign = "+" if record.side is Side.COMMENDATION else "−"
    return gettext("%(points)s points", points=f"{sign}{record.points}" if record.points else "0")


def title(record: Record) -> str:
    """A record with its number."""
    return gettext("%(side)s %(number)s", side=side(record.side), number=record.number)


def why_ended(record: Record) -> str:
    """Why a record does not stand: the appeal that took it, or the words of who withdrew it."""
    if record.fell_by_appeal:
        return gettext("Appeal %(number)s was upheld.", number=record.ended_why)
    return record.ended_why


def side(value: Side) -> str:
    """Discipline or commendation."""
    return {Side.DISCIPLINE: gettext("Discipline record"), Side.COMMENDATION: gettext("Commendation")}[value]
