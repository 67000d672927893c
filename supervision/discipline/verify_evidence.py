#!/usr/bin/env python3
"""Check an evidence package, with nothing but Python's standard library (3.9 or newer).

    python3 verify_evidence.py EVIDENCE.zip [--sha256 HASH]

The package holds a record or an appeal with all versions of the evaluations that it rests on, the clause, the
recordings, what the audit log says of them, and the hash of each file (SHA256SUMS). All of it is computed again:
the hashes, whether the recordings are those that the record cites, the entries of the audit log, and the archive
itself, byte by byte. `--sha256` is the hash of the whole package as the audit log has it, and as the page of the
record shows it: a package that somebody made anew as a whole is sound in itself, and only that shows it. Take this
script from the system's own sources, not from the package. Exit code 0: all is as it says; 1: it is not.
"""

import argparse
import hashlib
import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any, Optional

SUMS = "SHA256SUMS"
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)?")
LINE = re.compile(rf"([0-9a-f]{{64}})  ({NAME.pattern})\n")
WRITTEN_AT = (1980, 1, 1, 0, 0, 0)
CHUNK = 1 << 20


class Check:
    """What was looked at, and what was found wrong."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.faults: list[str] = []

    def that(self, holds: object, said: str, fault: str) -> bool:
        """Note whether something holds."""
        (self.said if holds else self.faults).append(said if holds else fault)
        return bool(holds)


class _Sink(io.RawIOBase):
    """Takes what is written, and cannot go back: so it was when the package was made."""

    def __init__(self) -> None:
        super().__init__()
        self.hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.hash.update(data)
        return len(data)


def hash_of_file(path: Path) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def entry_of(name: str) -> zipfile.ZipInfo:
    """How each file stands in the archive: stored, without a time or an owner of its own."""
    info = zipfile.ZipInfo(name, WRITTEN_AT)
    info.create_system, info.external_attr = 3, 0o644 << 16
    return info


def hash_written_again(archive: zipfile.ZipFile) -> str:
    """The SHA-256 of the archive as it was written, from the files that are in it."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as again:
        for name in archive.namelist():
            with again.open(entry_of(name), "w") as target, archive.open(name) as source:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
    return sink.hash.hexdigest()


def hash_inside(archive: zipfile.ZipFile, name: str) -> str:
    """The SHA-256 of a file in the archive."""
    found = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def verify(path: Path, expected: str = "") -> Check:
    """All that can be checked of a package. Raises for what is none."""
    check = Check()
    whole = hash_of_file(path)
    if expected:
        check.that(
            whole == expected.lower(),
            "the package is the one that the audit log names",
            f"the package is NOT the one that was named: its SHA-256 is {whole}",
        )
    else:
        check.said.append(f"the SHA-256 of the package is {whole}")
    with zipfile.ZipFile(path) as archive:
        if check_files(check, archive):
            check.that(
                hash_written_again(archive) == whole,
                "the archive is as it was written, to the last byte",
                "the archive was changed outside its files, or packed anew",
            )
            check_contents(check, archive)
    return check


def check_files(check: Check, archive: zipfile.ZipFile) -> bool:
    """The files are those that are listed, each with its hash."""
    names = archive.namelist()
    if not check.that(  # before anything is read: what is packed tight can fill the memory
        all(one.compress_type == zipfile.ZIP_STORED for one in archive.infolist())
        and sum(one.file_size for one in archive.infolist()) <= archive.start_dir,
        "its files lie in it as they are",
        "its files are packed tight, as those of a package never are",
    ):
        return False
    if not check.that(
        SUMS in names and len(names) == len(set(names)), "it lists its files", "it has no list of files"
    ):
        return False
    text = archive.read(SUMS).decode("ascii")
    lines = LINE.findall(text)
    listed = {name: hashed for hashed, name in lines}
    is_list = "".join(f"{hashed}  {name}\n" for name, hashed in listed.items()) == text
    there = check.that(
        is_list and set(names) == {*listed, SUMS},
        f"its {len(listed)} files are those of the list",
        f"other files than those of the list: {sorted(set(names) ^ {*listed, SUMS})}",
    )
    changed = [name for name, hashed in listed.items() if name in names and hash_inside(archive, name) != hashed]
    same = check.that(not changed, "each file has its hash", f"changed: {', '.join(changed)}")
    return there and same


def check_contents(check: Check, archive: zipfile.ZipFile) -> None:
    """What is cited is there: the versions, and the recordings with the hashes that they had then."""
    stated = json.loads(archive.read("evidence.json"))
    recordings = {one["call"]: one for one in stated["recordings"]}
    for one in recordings.values():
        if one["file"] is None:
            check.said.append(f"the recording of the call {one['call']} is not here: {one['why']}")
            continue
        check.that(
            hash_inside(archive, one["file"]) == one["flac_sha256"],
            f"the recording of the call {one['call']} is as it was sealed",
            f"the recording of the call {one['call']} is NOT as it was sealed",
        )
    for ground in stated["grounds"]:
        cited, version = recordings.get(ground["call"], {}), f"version {ground['n']} of {ground['evaluation']}"
        check.that(
            (cited.get("pcm_sha256"), cited.get("flac_sha256")) == (ground["pcm_sha256"], ground["flac_sha256"]),
            f"the recording that is cited with {version} is this one",
            f"the recording that is cited with {version} is ANOTHER",
        )
        written = json.loads(archive.read(f"evaluations/{ground['evaluation']}.json"))
        found = [one for one in written["versions"] if one["n"] == ground["n"]]
        check.that(
            [one["score"] for one in found] == [ground["score"]],
            f"{version} gave {ground['score']} points",
            f"{version} is not here with {ground['score']} points",
        )
    check_log(check, archive.read("audit.jsonl").decode().splitlines())


def check_log(check: Check, lines: list[str]) -> None:
    """Each entry of the audit log has its hash, and follows from the one before it where that is here."""
    entries = [json.loads(line) for line in lines]
    altered = [entry["n"] for entry in entries if hash_of_entry(entry) != entry["hash"]]
    by_number = {entry["n"]: entry for entry in entries}
    loose = [
        n for n, one in by_number.items() if n - 1 in by_number and by_number[n - 1]["hash"] != one["previous"]
    ]
    check.that(
        entries and not altered and not loose and len(by_number) == len(entries),
        f"{len(entries)} entries of the audit log have their hashes",
        f"altered entries of the audit log: {altered + loose or 'some, or none is here'}",
    )


def hash_of_entry(entry: dict[str, Any]) -> str:
    """The hash of an entry: over all but itself, with sorted keys, no spaces, in UTF-8."""
    content = {name: value for name, value in entry.items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def shown(line: str) -> str:
    """A line with whatever a package says of itself: it begins no other line, and commands no terminal."""
    return "".join(one if one.isprintable() else "?" for one in line)


def report(check: Check, *, named: bool) -> str:
    """What was checked, what was found, and what was not looked at."""
    lines = [f"  ok     {shown(line)}" for line in check.said]
    lines += [f"  FAULT  {shown(line)}" for line in check.faults]
    lines.append(
        "NOT looked at: whether the entries belong to the audit log (verify_audit.py, with an exported log);"
    )
    lines.append("  the hash of the bare sound (pcm_sha256), for which a FLAC decoder is needed.")
    if not named:
        lines.append("NOT looked at: whether this is the package that was taken. Give its hash: --sha256 HASH")
    lines.append("The package is NOT as it says." if check.faults else "The package is as it says.")
    return "\n".join(lines) + "\n"


def main(arguments: Optional[list[str]] = None) -> int:  # noqa: UP045 - Python 3.9 knows no other way
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package")
    parser.add_argument("--sha256", default="", help="the hash of the whole package, as the audit log has it")
    given = parser.parse_args(arguments)
    try:
        check = verify(Path(given.package), given.sha256)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, RuntimeError) as error:
        fault = shown(f"{type(error).__name__}: {error}")
        sys.stdout.write(f"FAULT: this is no whole package: {fault}\n")
        return 1
    sys.stdout.write(report(check, named=bool(given.sha256)))
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
