"""Checking a password for who may be anybody: counted first, and turned away where there were too many."""

from collections.abc import Callable
from typing import TypeVar, cast

from flask import current_app, request

from supervision.clock import now
from supervision.errors import Busy
from supervision.people.attempts import Attempt, Attempts
from supervision.people.sign_ins import Checked, check_password, find_claimed, note_refused, plain_login
from web.sign_ins import origin
from web.unit import after_rollback, database

T = TypeVar("T")


def check_claim(login: str, password: str) -> tuple[Checked, Attempt]:
    """Check the password of a login. Raises Busy for who must wait, whether or not it is right."""
    login = plain_login(login)

    def check() -> Checked:
        with database().reading() as looking:
            claimed = find_claimed(looking, login)
        return check_password(claimed, password)  # no connection is held here

    return counted(login, check)


def counted(login: str, check: Callable[[], T]) -> tuple[T, Attempt]:
    """What checking finds, counted as failed until `forget_failures` says otherwise. Raises Busy."""
    counts, address, at = _attempts(), _address(), now()
    attempt = counts.begin(login, address, at)
    if attempt.wait_s:
        if attempt.worth_writing:
            after_rollback(lambda fresh: note_refused(fresh, None, origin(), attempt.number, at))
        raise Busy("sign_in", attempt.wait_s, own=True)
    try:
        return check(), attempt
    except Busy:
        counts.take_back(login, address, at)
        raise


def forget_failures(login: str) -> None:
    """The password was right."""
    _attempts().succeed(plain_login(login), _address(), now())


def note_failure(checked: Checked, attempt: Attempt) -> None:
    """Have a wrong password written down after the rollback, or an unknown name with the others of its address."""
    if checked.account_id is None:
        attempt = _attempts().count_unknown(_address(), now())
    if attempt.worth_writing:
        after_rollback(lambda fresh: note_refused(fresh, checked.account_id, origin(), attempt.number))


def _attempts() -> Attempts:
    return cast(Attempts, current_app.extensions["attempts"])


def _address() -> str:
    return request.remote_addr or ""
