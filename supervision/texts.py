"""Texts from outside: what people write down with an act, and JSON of a known shape."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from supervision.errors import InvalidInput

LONGEST = 500
M = TypeVar("M", bound=BaseModel)


def required_text(text: str, where: str = "reason", longest: int = LONGEST) -> str:
    """The text, without blanks around it. Raises InvalidInput where there is none, or too much of it."""
    found = optional_text(text, where, longest)
    if not found:
        raise InvalidInput(where, "missing", "a reason")
    return found


def optional_text(text: str, where: str = "reason", longest: int = LONGEST) -> str:
    """The same of a text that may be left out; then it is empty."""
    found = text.replace("\r\n", "\n").strip()  # a browser counts a line's end as one character and sends two
    if len(found) > longest:
        raise InvalidInput(where, "too_long", f"at most {longest} characters")
    return found


def parse_json(model: type[M], text: bytes, whole: str, context: object = None) -> M:
    """What a body of JSON says. Raises InvalidInput, which names the first field at fault, or else the `whole`."""
    try:
        return model.model_validate_json(text, context=context)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InvalidInput(".".join(str(step) for step in first["loc"]) or whole, first["msg"]) from error
