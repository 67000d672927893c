"""What people write down with an act: mostly a text that nobody can leave out."""

from supervision.errors import InvalidInput

LONGEST = 500


def required_text(text: str, where: str = "reason", longest: int = LONGEST) -> str:
    """The text, without blanks around it. Raises InvalidInput where there is none, or too much of it."""
    found = optional_text(text, where, longest)
    if not found:
        raise InvalidInput(where, "missing", "a reason")
    return found


def optional_text(text: str, where: str = "reason", longest: int = LONGEST) -> str:
    """The same of a text that may be left out; then it is empty."""
    found = text.replace("\r\n", "\n").strip()
    if len(found) > longest:
        raise InvalidInput(where, "too_long", f"at most {longest} characters")
    return found
