"""What an office sent, as any database can hold it."""

import math
from typing import Any, overload

LARGEST = 2**63


@overload
def storable(told: str) -> str: ...
@overload
def storable(told: dict[str, Any]) -> dict[str, Any]: ...
@overload
def storable(told: Any) -> Any: ...


def storable(told: Any) -> Any:
    """What an office sent, as any database can hold it: what it cannot is written as Python writes it.

    A NUL, half a character, a number that is none or too long: such a fact is refused, and kept to be looked into.
    """
    if isinstance(told, str):
        whole = told.encode("utf-8", "backslashreplace").decode()
        return whole.replace("\0", "\\x00")
    if isinstance(told, dict):
        return {storable(str(key)): storable(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [storable(value) for value in told]
    if isinstance(told, float) and not math.isfinite(told):
        return str(told)
    if isinstance(told, int) and abs(told) > LARGEST:
        return f"{told:.6e}" if abs(told) < 10**300 else "a number of more than 300 digits"
    return told
