"""What people write down with an act: a text within bounds, and one that nobody can leave out."""

from supervision.errors import InvalidInput

LONGEST = 500


def required_text(text: str, where: str = "reason", longest: int = LONGEST) -> str:
    """The text, without blanks around it. Raises InvalidInput where there is none, or too much of it."""
    text = bounded_text(text, where, longest)
    if not text:
        raise InvalidInput(where, "missing", "a reason")
    return text


def bounded_text(text: str, where: str, longest: int = LONGEST) -> str:
    """The text, without blanks around it, which may be none. Raises InvalidInput where it is too long."""
    text = text.replace("\r\n", "\n").strip()  # a browser counts a line's end as one character and sends two
    if len(text) > longest:
        raise InvalidInput(where, "too_long", f"at most {longest} characters")
    return text
