"""Texts on the screen about offices."""

from web.language import gettext, ngettext


def offices_known(number: int, silent: int) -> str:
    """How many there are, and how many of them are silent."""
    known = ngettext("%(num)s office", "%(num)s offices", number)
    if not silent:
        return gettext("%(offices)s, all of them speaking", offices=known)
    return gettext("%(offices)s, %(silent)s of them silent for over a minute", offices=known, silent=silent)
