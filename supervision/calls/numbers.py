"""What a person may mean by a piece of a caller's number: a pure rule, so that it can be tested by itself."""

import re
from dataclasses import dataclass

_WHOLE = re.compile(r"^(?:\+?86|0)?(1[0-9]{10})$")
_SPACING = re.compile(r"[\s()-]+")
_DIALLED = re.compile(r"^[0-9+*]*$")
_MASK = re.compile(r"\*+")


@dataclass(frozen=True)
class NumberSearch:
    """Either `whole`: the spellings under which one number may have come; or `like`: an escaped LIKE pattern."""

    whole: tuple[str, ...] = ()
    like: str = ""


def number_search(text: str) -> NumberSearch | None:
    """What to look for; None where nothing was given.

    A whole mobile number is looked for in every spelling that exchanges send (an index finds it). Stars stand
    for what the mask hides, so a masked number can be pasted: `138****1234`. Anything else is a part.
    """
    bare = _SPACING.sub("", text)
    wanted = bare if _DIALLED.match(bare) else text.strip()
    if not wanted.strip("*"):
        return None
    if whole := _WHOLE.match(wanted):
        number = whole[1]
        return NumberSearch(whole=(number, f"0{number}", f"86{number}", f"+86{number}"))
    pieces = [_escaped(piece) for piece in _MASK.split(wanted)]
    if len(pieces) > 1:
        return NumberSearch(like="%".join(pieces))
    return NumberSearch(like=f"%{pieces[0]}%")


def _escaped(piece: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", piece)
