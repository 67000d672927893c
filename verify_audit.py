#!/usr/bin/env python3
"""Check an exported audit log against kept heads, with nothing but Python's standard library (3.9 or newer).

    python3 verify_audit.py LOG.jsonl [--heads HEADS…] [--checkpoints FILE…] [--key KEY.pem]

LOG is what *Audit → Export* gives, or `python -m supervision.audit export`: one entry a line, as JSON. Each
entry's hash covers the entry and the hash before it. A log that somebody wrote anew as a whole is sound in itself;
only a head that was kept where he could not reach it shows that. `--heads`: files of heads, as an office's site
gives them (JSON, one a line) or written by hand as `number:hash`, one a line. `--checkpoints`: signed checkpoints
(`….txt`). With `--key` each one's signature is checked by the `openssl` program against `….sig` beside it; by hand
that is

    openssl dgst -sha256 -verify KEY.pem -signature checkpoint-000017.sig checkpoint-000017.txt

Exit code 0: nothing wrong was found, and the last lines say what could not be covered; 1: something is wrong;
2: a file cannot be read.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Optional

GENESIS = "0" * 64
HEAD = re.compile(r"\s*([0-9]{1,18})\s*[:\s]\s*([0-9a-fA-F]{64})\s*")
CHECKPOINT = re.compile(
    r"supervision audit checkpoint\nnumber ([0-9]{1,18})\nat (\S{1,40})\nentries ([0-9]{1,18})"
    r"\nhead ([0-9a-f]{64})\nprevious ([0-9a-f]{64})\n"
)

Head = tuple[int, str]


class Result:
    """What reading a log found."""

    def __init__(self) -> None:
        self.entries = 0
        self.last = GENESIS
        self.covered = 0
        self.faults: list[str] = []


class SaidTwice(ValueError):
    """A key stands twice in a line: whoever reads it may see the one, whoever verifies it the other."""


def read_entry(line: str) -> dict[str, Any]:
    """The entry that a line says. Raises SaidTwice, and ValueError for what is none."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise SaidTwice
        return dict(pairs)

    entry: dict[str, Any] = json.loads(line, object_pairs_hook=once)
    return entry


def canonical(entry: dict[str, Any]) -> bytes:
    """What an entry's hash was made over: sorted keys, no spaces, UTF-8; all but the hash itself."""
    content = {name: value for name, value in entry.items() if name != "hash"}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def fault_of(entry: dict[str, Any], n: int, previous: str) -> Optional[str]:  # noqa: UP045 - for Python 3.9
    """What is wrong with the entry that should be number n and follow from that hash, or None."""
    if entry.get("n") != n:
        return f"entry {n} is missing: entry {entry.get('n')} stands in its place"
    if entry.get("previous") != previous:
        return f"entry {n} does not follow from the one before it"
    if hashlib.sha256(canonical(entry)).hexdigest() != entry.get("hash"):
        return f"entry {n} was altered"
    return None


def verify(lines: Iterable[str], heads: Iterable[Head]) -> Result:
    """Read a log from its first entry on. Nothing after the first fault is looked at."""
    result = Result()
    kept: dict[int, set[str]] = {}
    for n, hashed in heads:
        kept.setdefault(n, set()).add(hashed)
    for line in lines:
        n = result.entries + 1
        try:
            entry = read_entry(line)
        except SaidTwice:
            result.faults.append(f"entry {n} says a thing twice: it was altered")
            return result
        fault = fault_of(entry, n, result.last)
        if fault is None and not kept.get(n, {entry["hash"]}) <= {entry["hash"]}:
            fault = f"entry {n} is another than the one whose head was kept: the log up to it was rewritten"
        if fault is not None:
            result.faults.append(fault)
            return result
        result.entries, result.last = n, entry["hash"]
        if n in kept:
            result.covered = n
    beyond = sorted(n for n in kept if n > result.entries)
    if beyond:
        result.faults.append(f"the log ends at entry {result.entries}, but a head of entry {beyond[0]} was kept")
    return result


def read_heads(text: str) -> list[Head]:
    """The heads in a file: JSON, or `number:hash`, one a line. Raises ValueError for anything else."""
    heads = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.lstrip().startswith("{"):
            head = json.loads(line)
            heads.append((int(head["n"]), str(head["hash"]).lower()))
            continue
        match = HEAD.fullmatch(line)
        if match is None:
            raise ValueError(f"no head: {line[:80]!r}")
        heads.append((int(match[1]), match[2].lower()))
    return heads


def read_checkpoint(data: bytes) -> Head:
    """The head that a checkpoint names. Raises ValueError for what is none."""
    match = CHECKPOINT.fullmatch(data.decode())
    if match is None:
        raise ValueError("no checkpoint")
    return int(match[3]), match[4]


def is_signed(checkpoint: Path, key: Path) -> bool:
    """Whether `openssl` finds that the key's holder signed the checkpoint."""
    signature = checkpoint.with_suffix(".sig")
    command = ["openssl", "dgst", "-sha256", "-verify", str(key), "-signature", str(signature), str(checkpoint)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def gather(given: argparse.Namespace) -> tuple[list[Head], list[str]]:
    """All heads to check against, and which checkpoints are not signed. Raises OSError and ValueError."""
    heads = [head for path in given.heads for head in read_heads(path.read_text("utf-8"))]
    unsigned = []
    for path in given.checkpoints:
        heads.append(read_checkpoint(path.read_bytes()))
        if given.key and not is_signed(path, given.key):
            unsigned.append(f"{path.name} is not signed by that key")
    return heads, unsigned


def not_covered(result: Result, given: argparse.Namespace) -> list[str]:
    """What this check cannot tell."""
    said = []
    if result.covered < result.entries:
        said.append(
            f"NOT COVERED: entries {result.covered + 1} to {result.entries} lie after the last kept head. "
            "They could have been rewritten or slipped in as a whole."
        )
    said.append(f"NOT COVERED: whether entries after {result.entries} were cut off, unless a later head is kept.")
    if given.checkpoints and not given.key:
        said.append("NOT COVERED: the checkpoints' signatures; give the key with --key, or call openssl yourself.")
    return said


def main(arguments: Optional[list[str]] = None) -> int:  # noqa: UP045 - for Python 3.9
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("--heads", type=Path, nargs="+", default=[], help="files of kept heads")
    parser.add_argument("--checkpoints", type=Path, nargs="+", default=[], help="signed checkpoints (.txt)")
    parser.add_argument(
        "--key", type=Path, help="headquarters' public key (PEM), as you had it from the beginning"
    )
    given = parser.parse_args(arguments)
    if given.key and shutil.which("openssl") is None:
        parser.error("openssl is not on this machine: leave out --key, and check the signatures elsewhere")
    try:
        heads, unsigned = gather(given)
        with given.log.open(encoding="utf-8") as lines:
            result = verify(lines, heads)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stderr.write(f"CANNOT BE READ: {type(error).__name__}: {error}\n")
        return 2
    covered = f"entries 1 to {result.covered}" if result.covered else "nothing"
    said = [
        *(f"WRONG: {fault}" for fault in (*unsigned, *result.faults)),
        f"{result.entries} entries hold; head {result.entries}:{result.last}",
        f"Covered by kept heads: {covered}",
        *not_covered(result, given),
    ]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if unsigned or result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
