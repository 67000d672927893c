"""The database as a whole: what it cannot hold, what its errors tell, how long a writer waits."""

import time

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from supervision.database import Database
from supervision.errors import InvalidInput
from supervision.people.models import Account
from tests.factories import make_account


@pytest.mark.postgres
@pytest.mark.parametrize("text", ["a\x00b", "x" * 65, "\udc80"])
def test_a_value_that_no_column_can_hold_is_invalid_input(postgres_url: str, text: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(InvalidInput), database.transaction() as session:
        make_account(session, name=text)
    database.close()


def test_half_a_character_is_invalid_input_when_looked_for(store: Database) -> None:
    with pytest.raises(InvalidInput), store.reading() as session:
        session.query(Account).filter_by(login="\udc80").all()


def test_an_error_does_not_tell_what_people_wrote(store: Database) -> None:
    with store.transaction() as session:
        make_account(session, login="same")
    with pytest.raises(IntegrityError) as error, store.transaction() as session:
        make_account(session, login="same", name="王芳的秘密")
    assert "王芳的秘密" not in str(error.value)


def test_a_writer_can_be_given_how_long_to_wait(store: Database) -> None:
    with store.transaction() as session:
        account = make_account(session)
    with store.transaction() as session:
        session.get_one(Account, account.id, with_for_update=True)
        before = time.monotonic()
        with pytest.raises(OperationalError), store.transaction(wait_s=0.1) as second:
            second.get_one(Account, account.id, with_for_update=True)
        assert time.monotonic() - before < 2
