"""Any row of the audit log altered, removed or inserted by a database superuser is found against a kept head."""

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import verify_audit
from supervision.audit.queries import exported, read_links
from supervision.audit.rules import Content, Head, Link, verify_chain
from supervision.audit.service import record, verify
from supervision.database import Database
from tests.audit.altered import NOON, alterations, as_superuser, can_be_stored, rehashed, write_anew

LONG = 9
FEW = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)


@pytest.fixture
def log(store: Database) -> Iterator[list[Link]]:
    """A log of some entries, in a database."""
    for n in range(LONG):
        with store.transaction() as session:
            record(session, None, f"act_{n}", f"call:{n}", {"秒": n + 0.5, "none": None}, "07", NOON)
    with store.reading() as session:
        yield list(read_links(session))


def head_of(links: list[Link], n: int) -> Head:
    return Head(n, links[n - 1].hash)


def test_whatever_a_superuser_does_to_what_a_kept_head_covers_is_found(store: Database, log: list[Link]) -> None:
    @FEW
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        first, altered = data.draw(alterations(log))
        assume(can_be_stored(altered))
        earlier = data.draw(st.sets(st.integers(1, LONG)))
        kept = [head_of(log, n) for n in {*earlier, data.draw(st.integers(first, LONG))}]
        with as_superuser(store) as session:
            write_anew(session, altered)
            assert not verify(session, *kept).sound
        found = verify_audit.verify(exported(altered), [(head.n, head.hash) for head in kept])
        assert found.faults, "the file without the system finds the same"

    holds()
    with store.reading() as session:
        assert verify(session, head_of(log, LONG)).sound


def test_what_lies_after_the_last_kept_head_is_said_not_to_be_covered(store: Database, log: list[Link]) -> None:
    @FEW
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        first, altered = data.draw(alterations(log))
        assume(can_be_stored(altered))
        assume(first > 1)
        kept = data.draw(st.integers(1, first - 1))
        with as_superuser(store) as session:
            write_anew(session, altered)
            verdict = verify(session, head_of(log, kept))
        if verdict.sound:
            assert verdict.covered_n == kept < first
            assert verify_audit.verify(exported(altered), [(kept, log[kept - 1].hash)]).covered == kept

    holds()


def test_a_log_written_anew_as_a_whole_is_sound_in_itself_and_only_a_kept_head_tells(log: list[Link]) -> None:
    forged = rehashed([link.content for link in log[:3]] + [by_nobody(link) for link in log[3:]])
    assert verify_chain(forged).sound
    assert not verify_chain(forged, head_of(log, 4)).sound
    assert verify_chain(forged, head_of(log, 3)).covered_n == 3


def by_nobody(link: Link) -> Content:
    """The same act with nobody's name to it."""
    return replace(link.content, actor="nobody")


def test_what_is_exported_is_what_was_hashed(log: list[Link], tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_text("".join(exported(log)), "utf-8")
    found = verify_audit.verify(file.read_text("utf-8").splitlines(), [(LONG, log[-1].hash)])
    assert (found.entries, found.last, found.covered, found.faults) == (LONG, log[-1].hash, LONG, [])
    assert json.loads(file.read_text("utf-8").splitlines()[0])["detail"] == {"秒": 0.5, "none": None}


def test_the_command_says_what_is_wrong_and_what_it_cannot_cover(
    log: list[Link], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, heads = tmp_path / "audit.jsonl", tmp_path / "heads"
    file.write_text("".join(exported(log)), "utf-8")
    heads.write_text(f"# kept by hand\n\n3:{log[2].hash.upper()}\n" + json.dumps({"n": 5, "hash": log[4].hash}))
    assert verify_audit.main([str(file), "--heads", str(heads)]) == 0
    said = capsys.readouterr().out
    assert "Covered by kept heads: entries 1 to 5" in said
    assert "NOT COVERED: entries 6 to 9" in said
    file.write_text("".join(exported(log[:4])), "utf-8")
    assert verify_audit.main([str(file), "--heads", str(heads)]) == 1
    assert "WRONG: the log ends at entry 4, but a head of entry 5 was kept" in capsys.readouterr().out
    assert verify_audit.main([str(file)]) == 0
    assert "Covered by kept heads: nothing" in capsys.readouterr().out


def test_a_line_that_says_a_thing_twice_is_named_although_the_last_of_both_is_right(log: list[Link]) -> None:
    lines = list(exported(log))
    lines[1] = lines[1].replace("{", '{"actor":"nobody",', 1)
    assert json.loads(lines[1])["n"] == 2
    found = verify_audit.verify(lines, [(len(log), log[-1].hash)])
    assert found.faults == ["entry 2 says a thing twice: it was altered"]


@pytest.mark.parametrize("text", ["{", "[]\n", '{"n": 1}\n', "\x00"])
def test_a_file_that_is_no_log_is_reported_as_such(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "no.jsonl"
    file.write_text(text)
    assert verify_audit.main([str(file)]) in {1, 2}
    capsys.readouterr()
    assert verify_audit.main([str(tmp_path / "missing")]) == 2
    assert "CANNOT BE READ" in capsys.readouterr().err


def test_it_is_written_in_python_3_9_and_imports_the_standard_library_only() -> None:
    tree = ast.parse(Path(verify_audit.__file__).read_text("utf-8"), feature_version=(3, 9))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    unions = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)]
    assert unions == [], "a type written with | breaks when Python 3.9 reads it"
