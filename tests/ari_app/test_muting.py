"""Orders that mute a recording while its call goes on: understood, added up, and reported at once."""

from datetime import UTC, datetime, timedelta

import pytest

from ari_app.muting import Mute, Mutes, muted_ms, parse_mute

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def order(second: int, direction: str, *, on: bool) -> Mute:
    return Mute("c.0", direction, on, AT + timedelta(seconds=second))


@pytest.mark.parametrize(
    ("orders", "muted_s"),
    [
        ([], 0),
        ([order(2, "both", on=True)], 8),
        ([order(2, "read", on=True), order(5, "read", on=False)], 3),
        ([order(2, "read", on=True), order(3, "write", on=True), order(5, "read", on=False)], 8),
        ([order(2, "read", on=True), order(3, "write", on=True), order(5, "both", on=False)], 3),
        ([order(2, "both", on=True), order(3, "both", on=True), order(4, "write", on=False)], 8),
        ([order(2, "read", on=False)], 0),
        ([order(12, "both", on=True)], 0),
        ([order(8, "both", on=True), order(15, "both", on=False)], 2),
    ],
)
def test_a_recording_is_muted_while_either_direction_is(orders: list[Mute], muted_s: int) -> None:
    assert muted_ms(orders, AT + timedelta(seconds=10)) == muted_s * 1000


def test_an_event_of_asterisk_is_understood_or_is_none_of_ours() -> None:
    event = {"uniqueid": "c.0", "direction": "Both", "state": "1", "channel": "PJSIP/fxo-1-0"}
    assert parse_mute(event, AT) == order(0, "both", on=True)
    assert parse_mute({**event, "state": "0"}, AT) == order(0, "both", on=False)
    assert parse_mute({**event, "direction": "sideways"}, AT) is None
    assert parse_mute({"direction": "both", "state": "1"}, AT) is None


def test_each_order_that_mutes_is_reported_and_only_the_latest_calls_are_kept() -> None:
    reported: list[Mute] = []
    mutes = Mutes(reported.append)
    for n in range(1001):
        for state in ("1", "0"):
            mutes.see({"uniqueid": f"c.{n}", "direction": "write", "state": state}, AT)
    assert [mute.uniqueid for mute in reported] == [f"c.{n}" for n in range(1001)]
    mutes.see({"uniqueid": "c.0", "direction": "write", "state": "0"}, AT)
    assert mutes.muted_ms("c.0", AT + timedelta(seconds=10)) == 0, "it was forgotten"
