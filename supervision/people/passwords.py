"""Password hashing (argon2id) and the rule of what is good enough.

One hash takes tens of milliseconds and much memory: at most two are worked out at a time in one process, a few
more wait for their turn, and whoever comes on top of those is asked to come again. None is worked out while a
connection to the database is held, where everybody else would wait (`prepared`).
"""

import functools
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from supervision.errors import Busy, InvalidInput
from supervision.people.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD, PasswordFault, password_fault

_HASHER = PasswordHasher()
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


LONGEST_ESTIMATED = 72  # zxcvbn takes no longer ones, and what begins so is judged by that
AT_WORK, WAITING, AGAIN_S = 2, 6, 5


class WorkQueue:
    """So many at work, so many waiting for at most `longest_s`; nobody else waits at all."""

    def __init__(self, at_work: int, waiting: int, longest_s: float) -> None:
        self._at_work = threading.BoundedSemaphore(at_work)
        self._in_all = threading.BoundedSemaphore(at_work + waiting)
        self._longest_s = longest_s

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold one of the places to work in. Raises Busy for who would wait too long."""
        if not self._in_all.acquire(blocking=False):
            raise Busy("passwords", AGAIN_S)
        try:
            if not self._at_work.acquire(timeout=self._longest_s):
                raise Busy("passwords", AGAIN_S)
            try:
                yield
            finally:
                self._at_work.release()
        finally:
            self._in_all.release()


_QUEUE = WorkQueue(AT_WORK, WAITING, longest_s=3.0)


@dataclass(frozen=True)
class Prepared:
    """A new password that is good enough, with its hash: made before a writing transaction begins."""

    text: str = field(repr=False)
    hash: str = field(repr=False)


def prepared(login: str, password: str) -> Prepared:
    """The password with its hash. Raises InvalidInput("password", …) for one that is not good enough."""
    check_quality(login, password)
    return Prepared(password, hashed(password))


def check_quality(login: str, password: str) -> None:
    """Raise InvalidInput("password", …) for a password that is not good enough."""
    fault = password_fault(login, password) or (PasswordFault.COMMON if is_common(login, password) else None)
    if fault is not None:
        rights = {
            PasswordFault.TOO_SHORT: f"at least {SHORTEST_PASSWORD} characters",
            PasswordFault.TOO_LONG: f"at most {LONGEST_PASSWORD} characters",
        }
        raise InvalidInput("password", fault, rights.get(fault, ""))


def is_common(login: str, password: str) -> bool:
    """Whether a password is among the first that are tried: on the list of common ones, or built as those are.

    The list and the estimate (fewer than a million guesses) are zxcvbn's; figures alone are dates and numbers of
    telephones and accounts.
    """
    if password.isdigit() or password.lower() in _common():
        return True
    return int(zxcvbn(password[:LONGEST_ESTIMATED], [login])["score"]) < 2


@functools.cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


def hashed(password: str) -> str:
    """The argon2id hash to store. Raises Busy."""
    with _QUEUE.held():
        return _HASHER.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Whether a password fits the stored hash; without one, the same work for nothing. Raises Busy."""
    against = stored or _nobodys()
    try:
        with _QUEUE.held():
            return _HASHER.verify(against, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def renewed(stored: str, password: str) -> str | None:
    """A new hash where the stored one was made with weaker parameters than today's."""
    return hashed(password) if _HASHER.check_needs_rehash(stored) else None


def temporary() -> str:
    """A password to hand over once, easy to read aloud; about 78 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


@functools.cache
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe(16))
