"""Whether this site's accounts are headquarters' copies: then nothing of them is changed here."""

from supervision.clock import now
from supervision.errors import Refused
from supervision.people.sign_ins import refuse_where_copied, refuse_without_copy
from web import wording
from web.sign_ins import site_settings
from web.unit import database


def people_are_copied() -> bool:
    """Whether accounts and desks are headquarters' to change."""
    return site_settings().people_from_hq


def refuse_change() -> None:
    """Raise Refused where accounts and desks are headquarters' to change."""
    refuse_where_copied(site_settings())


def why_nobody_enters() -> str:
    """Why nobody can sign in at this node, in a sentence; empty where one can."""
    try:
        with database().reading() as looking:
            refuse_without_copy(looking, site_settings(), now())
    except Refused as error:
        return wording.refusal(error)
    return ""
