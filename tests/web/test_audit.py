"""The audit pages, as the auditor uses them."""

import html
import re
from pathlib import Path

import pytest
from flask_babel import force_locale
from sqlalchemy import text

import supervision
from supervision.actor import Role
from supervision.audit.service import record
from tests.web.conftest import Browser, People
from tests.web.written import names_in_details
from web.audit import wording
from web.audit.details import name_of
from web.language import Language
from web.unit import Application


@pytest.fixture
def auditor(people: People) -> Browser:
    """An auditor, signed in: the log has one entry."""
    return people.enters(Role.AUDITOR)


def write(people: People, number: int, subject: str = "call:1") -> None:
    for n in range(number):
        with people.database.transaction() as session:
            record(session, None, "number_unmasked", subject, {"n": n, "<b>": "<script>"})


def numbers(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<td class="num muted">(\d+)</td>', page)]


def test_the_log_is_read_page_by_page(people: People, auditor: Browser) -> None:
    write(people, 55)
    page = auditor.get("/audit/").text
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    assert numbers(page) + numbers(auditor.get(html.unescape(older[1])).text) == list(range(56, 0, -1))


def test_the_log_is_filtered_by_person_act_subject_and_day(people: People, auditor: Browser) -> None:
    write(people, 1, "call:7")
    assert auditor.account
    assert numbers(auditor.get(f"/audit/?person={auditor.account.login}").text) == [1]
    assert numbers(auditor.get("/audit/?act=number_unmasked").text) == [2]
    assert numbers(auditor.get("/audit/?subject=call:7").text) == [2]
    assert numbers(auditor.get("/audit/?to=2020-01-01").text) == []


@pytest.mark.parametrize(
    "query",
    ["from=yesterday", "older=x", "newer=-1", "person=" + "x" * 65]
    + [f"log={code}.0193a000-0000-7000-8000-000000000001" for code in ("", "一所", '1"', "a%E2%80%AE")],
)
def test_nonsense_in_the_address_is_refused(auditor: Browser, query: str) -> None:
    assert auditor.get(f"/audit/?{query}").status_code == 422
    if query.startswith("log="):
        assert auditor.get(f"/audit/export?{query}").status_code == 422, "it would stand in the name of the file"


def test_details_are_shown_escaped(people: People, auditor: Browser) -> None:
    write(people, 1)
    page = auditor.get("/audit/").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_sound_chain_is_said_to_be_so_and_its_head_can_be_given_back(people: People, auditor: Browser) -> None:
    page = auditor.post("/audit/verify").text
    assert "日志链完整" in page
    head = re.search(r"\b1:[0-9a-f]{64}\b", page)
    assert head
    assert "可证明第 1 至 1 条" in auditor.post("/audit/verify", {"head": head[0]}).text


def test_a_head_that_lies_too_deep_in_itself_is_refused(auditor: Browser) -> None:
    assert auditor.post("/audit/verify", {"head": '{"n":' * 5000}).status_code == 422


def test_verifying_is_itself_written_down(people: People, auditor: Browser) -> None:
    auditor.post("/audit/verify")
    assert "校验审计日志" in auditor.get("/audit/?act=audit_verified").text


def test_every_act_that_is_written_down_has_its_words(app: Application) -> None:
    written = re.compile(r'\b(?:(?:record|count_refused)\([^"\n]*|act=)"([a-z]+(?:_[a-z]+)+)"')
    sources = Path(supervision.__file__).parent.rglob("*.py")
    acts = {act for source in sources for act in written.findall(source.read_text("utf-8"))}
    assert {"number_searched", "password_refused", "session_expired", "recording_downloaded"} <= acts
    with app.test_request_context():
        assert [act for act in sorted(acts) if wording.act(act) == act] == []


def test_every_name_in_a_detail_has_its_words_in_both_languages(app: Application) -> None:
    written = names_in_details()
    assert {"asked_by", "active", "office", "added", "stretches", "serial"} <= written.names
    assert written.unknown == set(), (
        "write it so that its names can be found, or name them where they are looked for"
    )
    for language in Language:
        with app.test_request_context(), force_locale(language.value):
            assert [name for name in sorted(written.names) if name_of(name) == name] == []


def test_a_detail_is_shown_in_words_and_what_has_none_as_it_was_written(people: People, auditor: Browser) -> None:
    detail = {"before": {"role": "officer", "active": True}, "agreed": False, "until": None, "odd_one": [1]}
    with people.database.transaction() as session:
        record(session, None, "number_unmasked", "call:1", detail)
    shown = re.findall(r"<dt>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", auditor.get("/audit/").text)
    assert shown[:4] == [
        ("变更前", "角色：officer；启用：是"),
        ("同意", "否"),
        ("截止日期", "无"),
        ("odd_one", "[1]"),
    ]
    assert shown[4][0] == "本条校验值"


def test_an_altered_entry_is_named(people: People, auditor: Browser) -> None:
    write(people, 2)
    with people.database.transaction() as session:
        session.execute(text("DROP TRIGGER audit_entries_no_update"))
        session.execute(text("UPDATE audit_entries SET subject = 'x' WHERE n = 2"))
    assert "第 2 条在写入后被篡改" in auditor.post("/audit/verify").text


def test_a_head_that_is_none_is_refused_with_a_sentence(auditor: Browser) -> None:
    answer = auditor.post("/audit/verify", {"head": "12:abc"})
    assert answer.status_code == 422
    assert "审计校验值的格式" in answer.text
