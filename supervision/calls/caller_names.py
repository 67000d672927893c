"""A caller's name as it came over the line: UTF-8, or the GB18030 that Chinese gateways still send.

Plain functions. Asterisk puts U+FFFD for each byte that is no UTF-8, so a name in GB18030 is lost in what it
shows; the dialplan hands on the From header's own bytes, and from those it is read.
"""

import base64
import binascii
import re

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
