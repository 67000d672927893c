"""A package holds all that a record rests on, and a changed byte is found wherever it is."""

import ast
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.discipline import evidence, verify_evidence
from supervision.discipline.evidence import Item, Package, take_appeal, take_record, written
from supervision.discipline.verify_evidence import SUMS, main, verify
from supervision.errors import NotFound, Unavailable
from supervision.paths import Paths
from tests.discipline.factories import appealed, appealed_judgement, decided, judged_at_hq, notified, proposed
from tests.evaluations.factories import Work
from tests.findings.factories import breach, judged

Change = Callable[[bytes], bytes]


@pytest.fixture
def package(work: Work) -> Package:
    """The evidence of a record under appeal, that rests on two calls."""
    record = decided(work, proposed(work, judged(work, breach()), judged_at_hq(work)))
    appealed(work, record)
    return take_record(work.context("head"), record.id, Paths(work.home), "<p>说明</p>")


def kept(package: Package, folder: Path) -> Path:
    path = folder / package.name
    path.write_bytes(b"".join(package.chunks()))
    return path


def test_a_package_is_whole_and_its_hash_stands_in_the_log(work: Work, package: Package, tmp_path: Path) -> None:
    path = kept(package, tmp_path)
    assert path.stat().st_size == package.size_bytes
    check = verify(path, package.sha256)
    assert check.faults == []
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        facts = json.loads(archive.read("evidence.json"))
        script = archive.read("verify_evidence.py").decode()
        log = archive.read("audit.jsonl").decode()
        assert "0595" not in "".join(
            archive.read(one).decode("utf-8", "replace") for one in names if ".json" in one
        )
    assert sum(one.startswith("audio/") for one in names) == 2
    assert (facts["record"]["number"], facts["appeal"]["number"]) == ("2026-0001", "2026-0001")
    assert script == Path(verify_evidence.__file__).read_text("utf-8")
    acts = {json.loads(line)["act"] for line in log.splitlines()}
    assert {"record_proposed", "record_decided", "appeal_filed", "evaluation_submitted"} <= acts
    entry = work.session.scalars(select(AuditEntry).where(AuditEntry.act == "evidence_taken")).one()
    assert (entry.actor, entry.detail["sha256"]) == ("沈科长 (head)", package.sha256)


def test_a_changed_byte_is_found_wherever_it_is(package: Package, tmp_path: Path) -> None:
    path = kept(package, tmp_path)
    data, changed = path.read_bytes(), tmp_path / "changed.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        inside = [
            one.header_offset + 30 + len(one.filename) + place
            for one in archive.infolist()
            for place in (0, one.file_size // 2, one.file_size - 1)
        ]
        heads = [one.header_offset + place for one in archive.infolist() for place in (4, 12, 28)]
        rest = [archive.start_dir + place for place in (5, 12, 39)]
    for place in [*inside, *heads, *rest, len(data) - 1, len(data) - 12]:
        changed.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert main([str(changed)]) == 1, place
    for other in (data + b"x", b"x" + data, data[:-1]):
        changed.write_bytes(other)
        assert main([str(changed)]) == 1


def remade(package: Package, changed: dict[str, Change]) -> bytes:
    """The package made anew as a whole with other contents, as somebody would who knows how it is made."""
    items = [
        Item(one.name, changed.get(one.name, bytes)(b"".join(one.chunks())))
        for one in package.items
        if one.name != SUMS
    ]
    sums = "".join(f"{evidence._hash(one)}  {one.name}\n" for one in items)
    return b"".join(written([*items, Item(SUMS, sums.encode())]))


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("audit.jsonl", lambda data: data.replace("沈科长".encode(), "林科长".encode()), "altered entries"),
        ("evidence.json", lambda data: data.replace(b'"pcm_sha256": "', b'"pcm_sha256": "0', 1), "is ANOTHER"),
        ("README.html", lambda data: data + b" ", ""),
    ],
)
def test_a_package_that_was_made_anew_is_found_by_what_it_rests_on_or_by_its_hash(
    package: Package, tmp_path: Path, name: str, change: Change, said: str
) -> None:
    path = tmp_path / "anew.zip"
    path.write_bytes(remade(package, {name: change}))
    faults = verify(path).faults
    assert bool(faults) is bool(said)
    assert said in " ".join(faults)
    assert "NOT the one that was named" in " ".join(verify(path, package.sha256).faults)


def test_another_machine_checks_it_with_the_standard_library_only_and_finds_a_byte_of_any_file_changed(
    package: Package, tmp_path: Path
) -> None:
    source, there = Path(verify_evidence.__file__), tmp_path / "another-machine"
    tree = ast.parse(source.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {n.name for one in imports if isinstance(one, ast.Import) for n in one.names}
    names |= {one.module or "" for one in imports if isinstance(one, ast.ImportFrom)}
    assert {one.partition(".")[0] for one in names} <= sys.stdlib_module_names
    there.mkdir()
    (there / "check.py").write_bytes(source.read_bytes())
    path = kept(package, there)
    data = path.read_bytes()

    def checks() -> tuple[int, str]:
        command = [sys.executable, "-I", "-S", "check.py", path.name, "--sha256", package.sha256]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=there, env={}, check=False)  # noqa: S603
        return ran.returncode, ran.stdout + ran.stderr

    code, said = checks()
    assert (code, "The package is as it says." in said) == (0, True), said
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        middle = archive.infolist()[len(archive.infolist()) // 2]
    place = middle.header_offset + 30 + len(middle.filename) + middle.file_size // 2
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    code, said = checks()
    assert (code, middle.filename in said) == (1, True), said


def test_the_evidence_of_an_appeal_against_a_judgement_is_for_who_decides_it(work: Work, tmp_path: Path) -> None:
    (evaluation,) = notified(work, judged(work, breach()))
    appeal, paths = appealed_judgement(work, evaluation), Paths(work.home)
    with pytest.raises(NotFound):
        take_appeal(work.context("chief"), appeal.id, paths, "")
    path = kept(take_appeal(work.context("head"), appeal.id, paths, "x"), tmp_path)
    assert verify(path).faults == []
    paths.sealed(evaluation.call_id, evaluation.call.offered_at).unlink()
    with pytest.raises(Unavailable):
        take_appeal(work.context("head"), appeal.id, paths, "")


def test_what_is_no_package_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "none.zip"
    path.write_bytes(b"PK and nothing else")
    assert main([str(path)]) == 1
    assert main([str(tmp_path / "missing.zip")]) == 1
