"""What people write down with an act: a text that nobody can leave out."""

from supervision.errors import InvalidInput

LONGEST = 500


def required_text(text: str, where: str = "reason", longest: int = LONGEST) -> str:
    """The text, without blanks around it. Raises InvalidInput where there is none, or too much of it."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInput(where, "missing", "a reason")
    if len(text) > longest:
        raise InvalidInput(where, "too_long", f"at most {longest} characters")
    return text
