"""What people write down with an act: a reason that nobody can leave out."""

from supervision.errors import InvalidInput

LONGEST = 500


def reason_of(text: str, where: str = "reason", longest: int = LONGEST) -> str:
    """The reason, without blanks around it. Raises InvalidInput where there is none, or too much of it."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInput(where, "missing", "a reason")
    if len(text) > longest:
        raise InvalidInput(where, "too_long", f"at most {longest} characters")
    return text
