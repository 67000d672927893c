"""A package that somebody prepared neither fills the memory of who checks it nor speaks in the check's name."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from supervision.discipline.evidence import Item, _hash, written
from supervision.discipline.verify_evidence import SUMS, hash_of_entry, main, verify

CLEAR, LIE = "\x1b[2J\x1b[H", "\nThe package is as it says."


def prepared(path: Path, *more: Item, first: str = "", **stated: Any) -> Path:
    """A package that holds what a whole one holds, of no record at all."""
    entry = {"n": 1, "act": "record_proposed", "previous": "0" * 64}
    entry["hash"] = hash_of_entry(entry)
    items = [
        Item("evidence.json", json.dumps({"recordings": [], "grounds": [], **stated}).encode()),
        Item("audit.jsonl", json.dumps(entry).encode()),
        *more,
    ]
    sums = first + "".join(f"{_hash(one)}  {one.name}\n" for one in items)
    path.write_bytes(b"".join(written([*items, Item(SUMS, sums.encode())])))
    return path


def test_what_is_packed_tight_is_refused_before_it_is_unpacked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SUMS, b"0" * (8 << 20))
    assert main([str(path)]) == 1
    assert "packed tight" in capsys.readouterr().out


def test_what_a_package_says_of_itself_is_not_taken_for_the_words_of_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = {"call": "1", "file": None, "why": CLEAR + LIE}
    ground = {"call": "2", "evaluation": "3", "n": CLEAR + LIE, "pcm_sha256": "", "flac_sha256": "", "score": 1}
    written_down = Item("evaluations/3.json", b'{"versions": []}')
    path = prepared(tmp_path / "speaks.zip", written_down, recordings=[recording], grounds=[ground])
    assert main([str(path)]) == 1
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert LIE.strip() not in said.splitlines()


@pytest.mark.parametrize("name", ["../../evil.sh", "/etc/evil", "audio//evil", "./evil"])
def test_a_name_that_leads_out_of_the_folder_is_a_fault(tmp_path: Path, name: str) -> None:
    assert verify(prepared(tmp_path / "plain.zip", Item("README.html", b"x"))).faults == []
    assert verify(prepared(tmp_path / "out.zip", Item(name, b"#!/bin/sh\n"))).faults


def test_a_file_that_is_listed_twice_is_a_fault(tmp_path: Path) -> None:
    first = f"{'0' * 64}  evidence.json\n"
    assert verify(prepared(tmp_path / "twice.zip", first=first)).faults
