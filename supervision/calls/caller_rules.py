"""What came over the line of the caller, his name and his number: how each is read, stored, shown and looked for.

A name is UTF-8, or the GB18030 that Chinese gateways still send. Asterisk puts U+FFFD for each byte that is no
UTF-8, so a name in GB18030 is lost in what it shows; the dialplan hands on the From header's own bytes, and from
those it is read.
"""

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass

REPLACED = "\ufffd"
ESCAPED = re.compile(r"\\(.?)", re.DOTALL)


def whole_name(shown: str, header: str) -> str:
    """The name that Asterisk shows, or, where it had to replace bytes, the one in the header (as base64).

    Without a header, or with one that cannot be read, what is shown stays.
    """
    if REPLACED not in shown:
        return shown
    try:
        name = display_name(base64.b64decode(header, validate=True))
    except binascii.Error:
        return shown
    return read_name(name) or shown


def display_name(header: bytes) -> bytes:
    """The display name in a From header's value: what stands before the address, without its quotes."""
    name = header.rpartition(b"<")[0].strip()
    return name[1:-1] if len(name) > 1 and name[:1] == name[-1:] == b'"' else name


def read_name(name: bytes) -> str:
    """UTF-8 where it is valid UTF-8, else GB18030 where it is that, else UTF-8 with U+FFFD for what is broken.

    Quoting is undone after that: a character of GB18030 may have a backslash for its second byte.
    """
    for encoding in ("utf-8", "gb18030"):
        try:
            return _unquoted(name.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _unquoted(name.decode("utf-8", "replace"))


def _unquoted(text: str) -> str:
    return ESCAPED.sub(r"\1", text)


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


def clean_caller(text: str, longest: int) -> str:
    """What came over the line as caller ID, fit for storing: no control characters, at most `longest` long.

    Nothing is judged or guessed: quotes, brackets and commands stay as they are and are escaped where shown.
    Broken UTF-8, which arrives here as lone surrogates or replacement marks, becomes U+FFFD.
    """
    text = text.encode("utf-8", "replace").decode("utf-8", "replace")
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def mask_number(number: str) -> str:
    """A caller's number as it may be shown: 138****1234 (domain rule 11; PIPL).

    Short numbers keep their last two characters only; an absent one stays absent.
    """
    if len(number) >= 11:
        return f"{number[:3]}****{number[-4:]}"
    if len(number) >= 7:
        return f"{number[:2]}****{number[-2:]}"
    return "*" * max(0, len(number) - 2) + number[-2:] if len(number) > 2 else "*" * len(number)
