"""What an office sent, as any database can hold it."""

import math
from typing import Any, overload

LARGEST = 2**63


@overload
def storable(raw: str) -> str: ...
@overload
def storable(raw: dict[str, Any]) -> dict[str, Any]: ...
@overload
def storable(raw: Any) -> Any: ...


def storable(raw: Any) -> Any:
    """What an office sent, as any database can hold it: what it cannot is written as Python writes it.

    A NUL, half a character, a number that is none or too long: such a fact is refused, and kept to be looked into.
    """
    if isinstance(raw, str):
        whole = raw.encode("utf-8", "backslashreplace").decode()
        return whole.replace("\0", "\\x00")
    if isinstance(raw, dict):
        return {storable(str(key)): storable(value) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [storable(value) for value in raw]
    if isinstance(raw, float) and not math.isfinite(raw):
        return str(raw)
    if isinstance(raw, int) and abs(raw) > LARGEST:
        return f"{raw:.6e}" if abs(raw) < 10**300 else "a number of more than 300 digits"
    return raw
