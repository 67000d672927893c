"""How each machine's backups stand, on the machines page: its age, when it was verified, and what is wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from supervision.actor import Role
from supervision.clock import now
from supervision.database import Database
from supervision.machines.messages import SentBackup
from supervision.machines.rules import Volume
from supervision.machines.service import HEADQUARTERS, Limits, Seen, note_machine
from supervision.settings import Mode
from tests.calls.samples import make_town
from tests.web.conftest import People

LIMITS = Limits((20, 10, 5), timedelta(minutes=15))
MADE = SentBackup(
    number=7,
    at=now() - timedelta(days=2, hours=3, minutes=30),
    size_bytes=17_300_000,
    verified_at=now() - timedelta(days=4, hours=1, minutes=30),
    recipient="age1headquarters",
)

Shown = Callable[[SentBackup | None], str]


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


@pytest.fixture
def shown(people: People, database: Database) -> Shown:
    """The row of office 01, whose backups stand so; headquarters' own are in order."""
    person = people.enters(Role.SYSTEM_ADMINISTRATOR)

    def row(backup: SentBackup | None) -> str:
        with database.transaction() as session:
            make_town(session)
            disk = [Volume("home", 4000, 3000)]
            note_machine(session, Seen(HEADQUARTERS, disk, backup=MADE), LIMITS, now())
            note_machine(session, Seen("01", disk, backup=backup), LIMITS, now())
        return next(one for one in person.get("/machines/").text.split("<tr>") if "城关税务所" in one)

    return row


def test_the_age_and_the_last_verification_are_shown(shown: Shown) -> None:
    page = shown(
        MADE.model_copy(update={"recipient": "age1office", "log_at": now() - timedelta(days=3, minutes=30)})
    )
    for words in (
        "按期",
        "17.3 MB，2 天 3 小时前",
        "4 天 1 小时前已核验",
        "从未演练恢复",
        "数据库日志 3 天 0 小时前已发送",
    ):
        assert words in page, (words, page)
    assert "与总系统同一密钥" not in page


@pytest.mark.parametrize(
    ("backup", "words"),
    [
        (None, "未设置"),
        (SentBackup(number=0), "尚无"),
        (MADE.model_copy(update={"late": True}), "已逾期"),
        (MADE.model_copy(update={"fault": "objects/aa is missing"}), "objects/aa is missing"),
        (MADE.model_copy(update={"recipient": "age1other, age1headquarters"}), "与总系统同一密钥"),
        (MADE.model_copy(update={"verified_at": None}), "从未核验"),
    ],
)
def test_what_is_wrong_is_said(shown: Shown, backup: SentBackup | None, words: str) -> None:
    assert words in shown(backup)
