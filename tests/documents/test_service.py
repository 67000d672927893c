"""No number is given twice, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from supervision.database import Database
from supervision.documents.rules import DocumentKind
from supervision.documents.service import give_number

NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # in the bureau
OLD_YEAR = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)


def given(
    database: Database, kind: DocumentKind = DocumentKind.CERTIFICATE, at: datetime = NEW_YEAR
) -> tuple[int, int]:
    with database.transaction() as session:
        number = give_number(session, kind, at)
    return number.year, number.n


def test_each_kind_counts_from_one_in_each_year_of_the_bureau(store: Database) -> None:
    assert [given(store, at=OLD_YEAR) for _ in range(2)] == [(2026, 1), (2026, 2)]
    assert given(store) == (2027, 1)
    assert given(store, DocumentKind.ASSESSMENT) == (2027, 1)
    assert given(store, at=OLD_YEAR) == (2026, 3)


def test_a_number_whose_document_failed_in_the_same_transaction_was_not_given(store: Database) -> None:
    with pytest.raises(RuntimeError), store.transaction() as session:
        give_number(session, DocumentKind.ASSESSMENT, NEW_YEAR)
        raise RuntimeError
    assert given(store, DocumentKind.ASSESSMENT) == (2027, 1)


def test_many_who_ask_at_once_get_a_number_each(store: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(lambda _: given(store), range(24)))
    assert sorted(numbers) == [(2027, n) for n in range(1, 25)]
