"""How records, appeals and notices of judgements are spoken of on the screen."""

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
