"""Delays grow with failures and end; an address has its fill, and gets it back with time."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.people.sign_in_rules import (
    ADDRESS_EVERY,
    FREE_ATTEMPTS,
    LONGEST_DELAY,
    Level,
    delay_after,
    is_worth_writing,
    network_of,
)

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


def test_who_mistypes_once_or_twice_waits_for_nothing() -> None:
    assert [delay_after(n).total_seconds() for n in range(FREE_ATTEMPTS + 3)] == [0, 0, 0, 5, 10, 20]


@given(st.integers(0, 10_000))
def test_each_failure_costs_at_least_as_much_as_the_one_before_and_never_more_than_the_longest(n: int) -> None:
    assert timedelta(0) <= delay_after(n) <= delay_after(n + 1) <= LONGEST_DELAY


@given(st.floats(0, 1000), st.integers(1, 100), st.timedeltas(timedelta(0), timedelta(days=1)))
def test_after_the_wait_that_was_named_there_is_room_for_one_more(
    attempts: float, most: int, passed: timedelta
) -> None:
    level = Level(attempts, NOON).now(NOON + passed)
    later = level.now(level.at + level.wait(most) + timedelta(milliseconds=1))
    assert later.wait(most) == timedelta(0)
    assert level.attempts <= attempts


def test_a_clock_that_is_set_back_takes_nothing_off() -> None:
    assert Level(5, NOON).now(NOON - timedelta(hours=1)).attempts == 5
    assert Level(5, NOON).now(NOON + 2 * ADDRESS_EVERY).attempts == 3


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_the_addresses_of_one_ipv6_network_count_as_one(address: IPv6Address, machine: int) -> None:
    other = IPv6Address(int(address) >> 64 << 64 | machine)
    if address.ipv4_mapped is None and other.ipv4_mapped is None:
        assert network_of(str(address)) == network_of(str(other))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_counts_for_itself_however_it_is_written(address: IPv4Address) -> None:
    assert network_of(f"::ffff:{address}") == network_of(str(address)) == str(address)


@pytest.mark.parametrize("odd", ["", "unix:", "\x00", "1.2.3.4.5"])
def test_what_is_no_address_counts_as_what_it_is(odd: str) -> None:
    assert network_of(odd) == odd


def test_of_many_attempts_few_are_written_down() -> None:
    assert [n for n in range(1, 1000) if is_worth_writing(n)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
