"""`verify_draw.py` re-runs a draw by itself, and finds whatever was changed, dropped or added."""

import ast
import copy
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from supervision.draws.rules import Drawn, Party, commitment_of, order_of_whole, root_of, seed_of, worked
from supervision.draws.transcript import digest_of
from tests.architecture.source import ROOT
from tests.draws import vector
from verify_draw import compare, main, verify

SCRIPT = ROOT / "verify_draw.py"
Transcript = dict[str, Any]


EIGHT = "3 6 1 1 5 2 4 6"
SHARES = {Party.OFFICE: vector.OFFICE_SHARE, Party.HQ: vector.HQ_SHARE}


def transcript() -> Transcript:
    """The test vector's list and shares, with as many dice as are needed in use."""
    seed = seed_of(vector.NAME, vector.ROOT, vector.OFFICE_SHARE, vector.HQ_SHARE, EIGHT)
    rows = worked(seed, Fraction(1, 5), vector.ENTRIES, ())
    published: Transcript = frame() | {
        "shares": {"office": vector.OFFICE_SHARE, "hq": vector.HQ_SHARE},
        "dice": EIGHT,
        "witnesses": ["王芳 (wang)", "李强 (li)"],
        "seed": seed,
        "tickets": [ticket(one, instead_of) for one, instead_of in rows],
    }
    return signed(published)


def ticket(one: Drawn, instead_of: str = "") -> Transcript:
    return {
        "ticket": one.ticket,
        "call": one.call_id,
        "stratum": one.stratum,
        "instead_of": instead_of,
        "outcome": "",
        "agreed": 0,
    }


def frame() -> Transcript:
    """A list that stands, before any share is given."""
    names = ("ends", "frozen", "agreed", "revealed", "given", "whole", "drawn", "due")
    return {
        "format": 2,
        "draw": vector.NAME,
        "rate": "1/5",
        "commitments": {"office": vector.OFFICE_COMMITMENT, "hq": vector.HQ_COMMITMENT},
        "closed": {"epoch": "01a22764-edb9-70d5-8651-d8fc4059ef75", "n": 77, "by_silence": False},
        "moved": {"here": [], "elsewhere": []},
        "differences": [],
        "list": [{"call": e.call_id, "stratum": e.stratum, "audio": e.audio} for e in vector.ENTRIES],
        "root": vector.ROOT,
        "shares": {"office": None, "hq": None},
        "dice": "",
        "witnesses": [],
        "seed": None,
        "whole": None,
        "tickets": [],
        "times": dict.fromkeys(names)
        | {"ends": "2026-11-22T16:00:00+00:00", "frozen": "2026-11-22T16:05:00+00:00"},
    }


def whole() -> Transcript:
    """The same list, due whole."""
    rows = order_of_whole(vector.NAME, vector.ROOT, vector.ENTRIES)
    why = {"why": "no_share_of_office", "reviewer": "office"}
    return signed(frame() | {"whole": why, "tickets": [ticket(one) for one in rows]})


def signed(published: Transcript) -> Transcript:
    """With the digest that a forger would write."""
    return published | {"digest": digest_of(published)}


def test_the_test_vector_is_found_right_by_a_python_with_nothing_installed(tmp_path: Path) -> None:
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(transcript()), "utf-8")
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The draw is as it says." in done.stdout
    assert done.stdout.count("  ok  ") >= 8, "it says plainly what it checked"
    assert "NOT looked at" in done.stdout


@pytest.mark.parametrize("manual", ["docs/operate/verify.md", "docs/operate/verify.zh-CN.md"])
def test_the_commands_of_the_manual_do_what_it_says(tmp_path: Path, manual: str) -> None:
    (tmp_path / SCRIPT.name).symlink_to(SCRIPT)
    lines = (ROOT / manual).read_text("utf-8").splitlines()
    commands = [shlex.split(line) for line in lines if line.startswith("python3 verify_draw.py ")]
    assert len(commands) == 2
    for command in commands:
        for name in command[2:]:
            if name.endswith(".json"):
                (tmp_path / name).write_text(json.dumps(transcript()), "utf-8")
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - our own
        assert "The draw is as it says." in done.stdout


def test_it_is_written_in_python_3_9_and_imports_the_standard_library_only() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 9))
    imported = {node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


def test_the_vector_of_the_document_is_drawn_as_it_says_but_for_too_few_dice() -> None:
    rows = worked(vector.SEED, Fraction(1, 5), vector.ENTRIES, ())
    published = transcript() | {
        "dice": vector.DICE, "seed": vector.SEED, "tickets": [ticket(one) for one, _ in rows]
    }  # fmt: skip
    assert [" ".join((one.ticket, one.call_id, one.stratum)) for one, _ in rows] == vector.TICKETS
    assert verify(signed(without_digest(published))).faults == [f"they are fewer than 8 dice: {vector.DICE}"]


def test_a_list_drawn_whole_is_found_right_in_its_order() -> None:
    assert verify(whole()).faults == []
    turned = copy.deepcopy(whole())
    turned["tickets"].reverse()
    assert verify(signed(without_digest(turned))).faults


def without_digest(published: Transcript) -> Transcript:
    return {key: value for key, value in published.items() if key != "digest"}


def test_an_unusable_ticket_has_its_successor() -> None:
    published = copy.deepcopy(transcript())
    first = published["tickets"][0]["call"]
    published["tickets"][0] |= {"outcome": "unusable", "agreed": 1}
    assert verify(signed(without_digest(published))).faults, "nothing came in its place"
    rows = worked(published["seed"], Fraction(1, 5), vector.ENTRIES, [first])
    published["tickets"].append(ticket(*rows[-1]))
    assert verify(signed(without_digest(published))).faults == []


def leaves(published: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each field of a transcript."""
    if isinstance(published, dict | list) and published:
        for key in published if isinstance(published, dict) else range(len(published)):
            yield from leaves(published[key], (*path, key))
    else:
        yield path


def altered(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str) and value:
        return value[:-1] + ("1" if value[-1] != "1" else "2")
    return (
        {"": "x", None: "2026-11-23T00:00:00+00:00"}.get(value, "x")
        if not isinstance(value, list | dict)
        else ["x"]
    )


@pytest.mark.parametrize("make", [transcript, whole], ids=lambda make: make.__name__)
def test_a_transcript_altered_in_any_one_field_is_found_alone_or_against_the_other_sides(
    make: Callable[[], Transcript], tmp_path: Path
) -> None:
    """Even if its digest was written anew."""
    ours, other = tmp_path / "ours.json", tmp_path / "other.json"
    ours.write_text(json.dumps(make()), "utf-8")
    fields = list(leaves(without_digest(make())))
    assert len(fields) > 80
    for path in fields:
        changed = without_digest(copy.deepcopy(make()))
        place: Any = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = altered(place[path[-1]])
        other.write_text(json.dumps(signed(changed)), "utf-8")
        assert main([str(other), "--against", str(ours)]) == 1, path
    assert main([str(ours), "--against", str(ours)]) == 0


@pytest.mark.parametrize(
    ("field", "value"), [("closed", {"by_silence": 0}), ("closed", {"n": 77.0}), ("format", 2.0)]
)
def test_a_value_of_another_kind_is_another_value_though_python_calls_them_equal(field: str, value: Any) -> None:
    ours = transcript()
    changed = without_digest(ours)
    changed[field] = changed[field] | value if isinstance(value, dict) else value
    assert changed == without_digest(ours)
    check = verify(ours)
    compare(check, ours, signed(changed))
    assert check.faults == [f"the two differ in: {field}"]


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
    one["shares"]["office"] = "10" + "11" * 31


def flip_a_bit_of_headquarters_share(one: Transcript) -> None:
    one["shares"]["hq"] = "22" * 31 + "23"


def raise_the_rate(one: Transcript) -> None:
    one["rate"] = "1/3"


def lower_the_rate(one: Transcript) -> None:
    one["rate"] = "1/6"


def throw_other_dice(one: Transcript) -> None:
    one["dice"] = "3 6 1 1 5 2 4 5"


def leave_the_dice_out(one: Transcript) -> None:
    one["dice"] = ""


def forget_a_witness(one: Transcript) -> None:
    one["witnesses"] = ["王芳"]


def call_something_else_dice(one: Transcript) -> None:
    one["dice"] = "whatever 42 and 6 7 8 9 0"
    one["seed"] = seed_of(one["draw"], one["root"], vector.OFFICE_SHARE, vector.HQ_SHARE, one["dice"])
    one["tickets"] = [ticket(*row) for row in worked(one["seed"], Fraction(1, 5), vector.ENTRIES, ())]


def freeze_before_the_end(one: Transcript) -> None:
    one["times"] |= {"ends": "2026-11-22T16:00:00+00:00", "frozen": "2026-11-22T23:59:59+08:00"}


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
    assert verify(signed(without_digest(changed))).faults, "forged"


def test_a_rate_that_would_draw_the_same_calls_is_found_against_the_other_transcript() -> None:
    changed = signed(without_digest(transcript()) | {"rate": "21/100"})
    check = verify(changed)
    compare(check, changed, transcript())
    assert "the two differ in: rate" in check.faults


def test_few_late_calls_that_are_drawn_and_many_that_are_called_few_are_found() -> None:
    few, name = vector.ENTRIES[:5], f"{vector.NAME}+1"
    commitments = {one: commitment_of(name, one, share) for one, share in SHARES.items()}
    seed = seed_of(name, root_of(few), *SHARES.values())
    lines = [{"call": e.call_id, "stratum": e.stratum, "audio": e.audio} for e in few]
    published = frame() | {"draw": name, "list": lines, "root": root_of(few), "commitments": commitments}
    rows = [ticket(*row) for row in worked(seed, Fraction(1, 5), few, ())]
    drawn = published | {
        "shares": {one.value: share for one, share in SHARES.items()},
        "seed": seed,
        "tickets": rows,
    }
    assert verify(signed(drawn)).faults == ["5 late calls or fewer are due whole, without shares"]
    many = without_digest(whole()) | {"whole": {"why": "few_late_calls", "reviewer": "office"}}
    assert verify(signed(many)).faults == ["they are not 5 late calls or fewer"]
    rows = [ticket(one) for one in order_of_whole(name, root_of(few), few)]
    due = published | {"whole": {"why": "few_late_calls", "reviewer": "office"}, "tickets": rows}
    assert verify(signed(due)).faults == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"draw": 1}', '{"digest": "", "list": [], "format": 2}'])
def test_what_is_no_transcript_is_said_so(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "draw.json"
    file.write_text(text, "utf-8")
    assert main([str(file)]) == 1
    assert "FAULT" in capsys.readouterr().out
