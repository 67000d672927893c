"""Asterisk's channel event log, understood: rows as a table beside the call record that they end in."""

import pytest

from ari_app.cel import LoggedCall, parse_row, understand
from supervision.calls.rules import Disposition, LineRules, Party, build_record, in_order

CALL = "2890d6c7-de62-4bee-9330-18572a726291"
LINE = LineRules(leader_desks=frozenset({"809"}))
CALLER, DESK = "PJSIP/fxo-1-00000000", "PJSIP/801-00000001"


def account(table: str) -> LoggedCall | None:
    """Rows: seconds, event, channel (line or desk), and its extra."""
    rows = []
    for n, line in enumerate(table.strip().splitlines(), start=1):
        seconds, event, who, *extra = line.split(maxsplit=3)
        said = event if event in {"offered", "desks_busy", "rang_out", "recording_started", "rtp"} else ""
        channel, uniqueid = (CALLER, "c.0") if who == "line" else (DESK, "c.1")
        field = CALL if who == "line" and event != "CHAN_START" else ""
        at = f"17954753{float(seconds):09.6f}"
        caller = "13812341234" if who == "line" else ""
        rows.append((event, at, said, caller, "", channel, field, uniqueid, "c.0", extra[0] if extra else "", n))
    return understand(parse_row(row) for row in rows)


WHOLE = """
11.1503 CHAN_START line
11.1511 offered line {"extra":"07-1"}
11.1513 recording_started line {"extra":"x.d1.raw"}
11.1516 ANSWER line
11.1668 CHAN_START desk
17.6717 ANSWER desk
17.6743 BRIDGE_ENTER desk {"bridge_id":"6f8f"}
17.6744 BRIDGE_ENTER line {"bridge_id":"6f8f"}
39.1600 BRIDGE_EXIT line
39.1606 BRIDGE_EXIT desk
39.1607 HANGUP line {"hangupcause":16,"hangupsource":"PJSIP/fxo-1-00000000"}
39.1607 CHAN_END line
39.1610 HANGUP desk {"hangupcause":16,"hangupsource":"PJSIP/fxo-1-00000000"}
39.1610 CHAN_END desk
39.1610 LINKEDID_END desk
"""


def test_a_whole_call_read_from_the_log_is_a_whole_record() -> None:
    logged = account(WHOLE)
    assert logged is not None
    assert logged.ended
    assert (str(logged.offered.call_id), logged.offered.line_key) == (CALL, "07-1")
    assert logged.offered.caller_number == "13812341234"
    record = build_record(logged.events, LINE)
    assert (record.disposition, record.rings, record.answered_desk, record.hung_up_by) == (
        Disposition.ANSWERED,
        2,
        "801",
        Party.CALLER,
    )


def test_who_hung_up_is_read_from_the_hangup_source() -> None:
    by_officer = WHOLE.replace('"hangupsource":"PJSIP/fxo-1-00000000"', '"hangupsource":"PJSIP/801-00000001"')
    logged = account(by_officer)
    assert logged is not None
    assert build_record(logged.events, LINE).hung_up_by is Party.OFFICER
    by_dialplan = WHOLE.replace('"hangupsource":"PJSIP/fxo-1-00000000"', '"hangupsource":"dialplan/builtin"')
    logged = account(by_dialplan)
    assert logged is not None
    assert build_record(logged.events, LINE).hung_up_by is Party.SYSTEM


QUICK = """
20.828256 CHAN_START line
20.829379 offered line {"extra":"07-1"}
20.867959 CHAN_START desk
20.922478 ANSWER desk
20.922844 ANSWER line
20.923219 BRIDGE_ENTER desk
20.923293 BRIDGE_ENTER line
21.231566 BRIDGE_EXIT desk
21.232086 BRIDGE_EXIT line
21.232072 HANGUP desk {"hangupcause":16,"hangupsource":"PJSIP/801-00000001","dialstatus":""}
21.232072 CHAN_END desk
21.232302 HANGUP line {"hangupcause":16,"hangupsource":"","dialstatus":"ANSWER"}
21.232302 CHAN_END line
21.232302 LINKEDID_END line
"""


def test_an_officer_who_hung_up_is_named_by_his_own_channel_where_the_callers_names_nobody() -> None:
    logged = account(QUICK)
    assert logged is not None
    record = build_record(logged.events, LINE)
    assert (record.disposition, record.hung_up_by) == (Disposition.ANSWERED, Party.OFFICER)


def test_events_keep_the_order_of_the_logs_rows() -> None:
    logged = account(QUICK)
    assert logged is not None
    kinds = [event.kind for event in in_order(logged.events)]
    assert kinds == [event.kind for event in sorted(logged.events, key=lambda event: event.sequence)]
    assert [event.sequence for event in logged.events] == [1, 3, 5, 6, 8, 10, 11, 12, 13]


def test_nothing_more_will_be_reported_once_the_last_channel_is_gone() -> None:
    whole, without_desk = account(QUICK), account(QUICK.replace("LINKEDID_END", "APP_END"))
    assert whole is not None
    assert without_desk is not None
    assert (whole.ended, whole.over) == (True, True)
    assert (without_desk.ended, without_desk.over) == (True, False)


def test_a_caller_who_never_acknowledged_the_answer_has_not_hung_up() -> None:
    logged = account(WHOLE.replace('"hangupcause":16', '"hangupcause":18'))
    assert logged is not None
    assert build_record(logged.events, LINE).hung_up_by is Party.SYSTEM


DECLINED = """
11.1503 CHAN_START line
11.1511 offered line {"extra":"07-1"}
11.1668 CHAN_START desk
11.2000 HANGUP desk {"hangupcause":21,"hangupsource":"PJSIP/801-00000001"}
11.2000 CHAN_END desk
21.2000 rang_out line {"extra":"TIMEOUT-tried"}
21.3000 HANGUP line {"hangupcause":19,"hangupsource":"dialplan/builtin"}
21.3000 CHAN_END line
"""


@pytest.mark.parametrize(
    ("hung_up", "disposition"),
    [
        ('{"hangupcause":17,"hangupsource":"PJSIP/801-00000001"}', Disposition.DECLINED),
        ('{"hangupcause":19,"hangupsource":"PJSIP/801-00000001"}', Disposition.DECLINED),
        ('{"hangupcause":21,"hangupsource":"PJSIP/801-00000001"}', Disposition.DECLINED),
        ('{"hangupcause":19,"hangupsource":""}', Disposition.MISSED),
        ('{"hangupcause":38,"hangupsource":"PJSIP/801-00000001"}', Disposition.MISSED),
    ],
)
def test_a_desk_that_turned_the_call_down_by_itself_declined(hung_up: str, disposition: Disposition) -> None:
    logged = account(DECLINED.replace('{"hangupcause":21,"hangupsource":"PJSIP/801-00000001"}', hung_up))
    assert logged is not None
    assert build_record(logged.events, LINE).disposition is disposition


def test_packets_are_counted_of_the_caller_and_of_the_desk_that_answered() -> None:
    counted = '39.1606 rtp desk {"extra":"0"}\n39.1606 rtp line {"extra":"1123"}\n39.1607 HANGUP line'
    logged = account(WHOLE.replace("39.1607 HANGUP line", counted))
    assert logged is not None
    assert (logged.caller_packets, logged.desk_packets) == (1123, 0)
    plain = account(WHOLE)
    assert plain is not None
    assert (plain.caller_packets, plain.desk_packets) == (None, None)


def test_a_log_that_stops_in_mid_call_tells_a_call_without_end() -> None:
    logged = account("\n".join(WHOLE.strip().splitlines()[:8]))
    assert logged is not None
    assert not logged.ended
    assert build_record(logged.events, LINE).disposition is None


def test_a_call_whose_offering_is_not_in_the_log_is_not_reported() -> None:
    assert account("\n".join(line for line in WHOLE.strip().splitlines() if "offered" not in line)) is None


def test_extra_that_is_not_json_is_no_reason_to_lose_the_call() -> None:
    logged = account(WHOLE.replace('{"hangupcause":16,', "{broken,"))
    assert logged is not None
    assert build_record(logged.events, LINE).disposition is Disposition.ANSWERED
