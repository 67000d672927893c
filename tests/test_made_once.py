"""What tests share says nothing of any test."""

from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from supervision.database import Database


def test_engines_share_compiled_sql_and_nobodys_listener(tmp_path: Path) -> None:
    first, second = (Database(f"sqlite:///{tmp_path / name}.db") for name in ("first", "second"))
    with first.reading() as session:
        session.execute(text("SELECT 1"))
    third = Database(f"sqlite:///{tmp_path / 'third'}.db")
    heard: list[object] = []
    event.listen(third.engine, "handle_error", heard.append)
    for other in (first, second, Database(f"sqlite:///{tmp_path / 'fourth'}.db")):
        with pytest.raises(OperationalError), other.reading() as session:
            session.execute(text("SELECT nothing FROM nowhere"))
        assert other.engine._compiled_cache is third.engine._compiled_cache
        other.close()
    assert heard == []
    with pytest.raises(OperationalError), third.reading() as session:
        session.execute(text("SELECT nothing FROM nowhere"))
    assert len(heard) == 1
    third.close()
