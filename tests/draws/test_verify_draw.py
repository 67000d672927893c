"""`verify_draw.py` re-runs a draw by itself, and finds whatever was changed, dropped or added."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from supervision.draws.rules import draw, seed_of
from supervision.draws.transcript import digest_of
from tests.architecture.source import ROOT
from tests.draws import vector
from verify_draw import compare, digest, main, verify

SCRIPT = ROOT / "verify_draw.py"
Transcript = dict[str, Any]


def transcript() -> Transcript:
    """The test vector's."""
    attempt = {
        "n": 1,
        "rate": "1/5",
        "commitments": {"office": vector.OFFICE_COMMITMENT, "hq": vector.HQ_COMMITMENT},
        "shares": {"office": vector.OFFICE_SHARE, "hq": vector.HQ_SHARE},
        "dice": vector.DICE,
        "witnesses": ["王芳", "李强"],
    }
    told: Transcript = {
        "draw": vector.NAME,
        "rate": "1/5",
        "list": [{"call": e.call_id, "stratum": e.stratum, "audio": e.audio} for e in vector.ENTRIES],
        "root": vector.ROOT,
        "attempts": [attempt],
        "seed": vector.SEED,
        "tickets": [
            {"ticket": ticket, "call": call, "stratum": who} for ticket, call, who in vector.threes(vector.DRAWN)
        ],
    }
    return signed(told)


def signed(told: Transcript) -> Transcript:
    """With the digest that a forger would write."""
    return told | {"digest": digest_of(told)}


def test_the_test_vector_is_found_right_by_a_python_with_nothing_installed(tmp_path: Path) -> None:
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(transcript()), "utf-8")
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The draw is as it says." in done.stdout
    assert done.stdout.count("  ok  ") >= 8, "it says plainly what it checked"
    assert "NOT looked at" in done.stdout


def test_it_is_written_in_python_3_9_and_imports_the_standard_library_only() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 9))
    imported = {node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


def change_line(one: Transcript) -> None:
    one["list"][4]["audio"] = "0" * 64


def move_line_to_another_person(one: Transcript) -> None:
    one["list"][4]["stratum"] = "desk-officer-b"


def drop_line(one: Transcript) -> None:
    del one["list"][7]


def add_line(one: Transcript) -> None:
    one["list"].append({"call": "ffffffff-de7c-4d00-8f1c-e50b2047e7a5", "stratum": "unknown", "audio": "-"})


def swap_lines(one: Transcript) -> None:
    one["list"][0], one["list"][1] = one["list"][1], one["list"][0]


def flip_a_bit_of_the_offices_share(one: Transcript) -> None:
    one["attempts"][0]["shares"]["office"] = "10" + "11" * 31


def flip_a_bit_of_headquarters_share(one: Transcript) -> None:
    one["attempts"][0]["shares"]["hq"] = "22" * 31 + "23"


def raise_the_rate(one: Transcript) -> None:
    one["rate"] = one["attempts"][0]["rate"] = "1/3"


def lower_the_rate(one: Transcript) -> None:
    one["rate"] = one["attempts"][0]["rate"] = "1/6"


def throw_other_dice(one: Transcript) -> None:
    one["attempts"][0]["dice"] = "3 6 1 1 6"


def leave_the_dice_out(one: Transcript) -> None:
    one["attempts"][0]["dice"] = ""


def forget_a_witness(one: Transcript) -> None:
    one["attempts"][0]["witnesses"] = ["王芳"]


def call_something_else_dice(one: Transcript) -> None:
    one["attempts"][0]["dice"] = "whatever 42"
    one["seed"] = seed_of(one["draw"], one["root"], vector.OFFICE_SHARE, vector.HQ_SHARE, "whatever 42")
    drawn = draw(one["seed"], Fraction(1, 5), vector.ENTRIES)
    one["tickets"] = [{"ticket": t.ticket, "call": t.call_id, "stratum": t.stratum} for t in drawn]


def freeze_before_the_end(one: Transcript) -> None:
    one["times"] = {"ends": "2026-11-22T16:00:00+00:00", "frozen": "2026-11-22T23:59:59+08:00"}


def swap_a_ticket(one: Transcript) -> None:
    one["tickets"][1]["call"] = vector.ENTRIES[4].call_id


def drop_a_ticket(one: Transcript) -> None:
    one["tickets"].pop()


def reorder_tickets(one: Transcript) -> None:
    one["tickets"].reverse()


def name_another_week(one: Transcript) -> None:
    one["draw"] = "office:07:2026-W48"


CHANGES = [
    change_line, move_line_to_another_person, drop_line, add_line, swap_lines, flip_a_bit_of_the_offices_share,
    flip_a_bit_of_headquarters_share, raise_the_rate, lower_the_rate, throw_other_dice, leave_the_dice_out,
    forget_a_witness, call_something_else_dice, freeze_before_the_end, swap_a_ticket,
    drop_a_ticket, reorder_tickets, name_another_week,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_was_changed_is_found_even_if_its_digest_was_written_anew(
    change: Callable[[Transcript], None],
) -> None:
    assert verify(transcript()).faults == []
    changed = copy.deepcopy(transcript())
    change(changed)
    assert verify(changed).faults, "as it stands"
    assert verify(signed({key: value for key, value in changed.items() if key != "digest"})).faults, "forged"


@pytest.mark.parametrize(
    ("shares", "withheld_by", "fair"),
    [
        ({"office": None, "hq": None}, "office", True),
        ({"office": "33" * 32, "hq": None}, "hq", True),
        ({"office": "33" * 32, "hq": None}, "office", False),
        ({"office": "33" * 32, "hq": "44" * 32}, None, False),
        ({"office": "33" * 32, "hq": "44" * 32}, "hq", False),
    ],
)
def test_nobody_may_begin_again_who_could_know_what_is_drawn(
    shares: dict[str, str | None], withheld_by: str | None, fair: bool
) -> None:
    told = transcript()
    promised = {party: digest(vector.NAME, party, share or "-") for party, share in shares.items()}
    first = {**told["attempts"][0], "commitments": promised, "shares": shares, "withheld_by": withheld_by}
    again = {**told["attempts"][0], "n": 2, "rate": "2/5"}
    drawn = draw(told["seed"], Fraction(2, 5), vector.ENTRIES)
    tickets = [{"ticket": t.ticket, "call": t.call_id, "stratum": t.stratum} for t in drawn]
    told |= {"attempts": [first | {"dice": "", "witnesses": []}, again], "tickets": tickets}
    del told["digest"]
    assert (verify(signed(told)).faults == []) is fair


def test_a_rate_that_would_draw_the_same_calls_is_found_by_the_digest_and_by_the_other_transcript() -> None:
    changed = copy.deepcopy(transcript())
    changed["rate"] = changed["attempts"][0]["rate"] = "1/4"
    assert len(verify(changed).faults) == 1
    forged = signed({key: value for key, value in changed.items() if key != "digest"})
    check = verify(forged)
    compare(check, forged, transcript())
    assert "the two differ in: rate" in check.faults


def test_a_transcript_that_was_forged_as_a_whole_is_found_against_the_other_partys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another witness leaves nothing to see in itself; the other party's transcript shows it."""
    ours, forged = tmp_path / "ours.json", tmp_path / "forged.json"
    ours.write_text(json.dumps(transcript()), "utf-8")
    other = transcript() | {"attempts": [transcript()["attempts"][0] | {"witnesses": ["王芳", "赵六"]}]}
    forged.write_text(json.dumps(signed({k: v for k, v in other.items() if k != "digest"})), "utf-8")
    assert main([str(forged)]) == 0
    assert main([str(ours), "--against", str(ours)]) == 0
    assert main([str(forged), "--against", str(ours)]) == 1
    assert "the two differ in: attempts" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"draw": 1}', '{"digest": "", "list": [], "attempts": []}'])
def test_what_is_no_transcript_is_said_so(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "draw.json"
    file.write_text(text, "utf-8")
    assert main([str(file)]) == 1
    assert "FAULT" in capsys.readouterr().out
