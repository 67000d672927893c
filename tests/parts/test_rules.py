"""The two slots: whatever becomes of a write, the older or the newer offset is read, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from supervision.parts.rules import FILE_BYTES, SLOT_BYTES, Slot, encode_slot, first_slot_file, newest_slot

OFFSETS = st.integers(min_value=0, max_value=2**63 - 1)
LENGTHS = st.none() | OFFSETS
STATES = st.tuples(OFFSETS, LENGTHS)


def written(file: bytes, slot: Slot) -> bytes:
    """The file after one write."""
    data = encode_slot(slot)
    return file[: slot.position] + data + file[slot.position + len(data) :]


def history(first: int | None, states: list[tuple[int, int | None]]) -> tuple[bytes, Slot]:
    """The file after these writes, and the last statement."""
    file, slot = first_slot_file(first), Slot(0, 0, first)
    for offset, length in states:
        slot = slot.next(offset, length)
        file = written(file, slot)
    return file, slot


@given(LENGTHS, st.lists(STATES, max_size=5))
def test_the_last_statement_is_read(first: int | None, states: list[tuple[int, int | None]]) -> None:
    file, last = history(first, states)
    assert len(file) == FILE_BYTES
    assert newest_slot(file) == last


@given(LENGTHS, st.lists(STATES, max_size=5), STATES, st.integers(0, SLOT_BYTES), st.binary(max_size=SLOT_BYTES))
def test_a_torn_write_leaves_the_older_or_the_newer(
    first: int | None, states: list[tuple[int, int | None]], state: tuple[int, int | None], at: int, rubbish: bytes
) -> None:
    file, old = history(first, states)
    new = old.next(*state)
    data = (encode_slot(new)[:at] + rubbish)[:SLOT_BYTES]
    torn = file[: new.position] + data + file[new.position + len(data) :]
    assert newest_slot(torn) in (old, new)


@given(STATES, STATES, st.sets(st.integers(0, SLOT_BYTES - 1)))
def test_bytes_of_a_write_may_reach_the_disk_in_any_order(
    before: tuple[int, int | None], state: tuple[int, int | None], arrived: set[int]
) -> None:
    file, old = history(None, [before])
    new = old.next(*state)
    torn, data = bytearray(file), encode_slot(new)
    for index in arrived:
        torn[new.position + index] = data[index]
    assert newest_slot(bytes(torn)) in (old, new)


@given(STATES, st.integers(0, SLOT_BYTES * 8 - 1))
def test_one_bit_changed_is_seen(state: tuple[int, int | None], bit: int) -> None:
    file, last = history(None, [state])
    changed = bytearray(file)
    changed[last.position + bit // 8] ^= 1 << bit % 8
    assert newest_slot(bytes(changed)) == Slot(0, 0, None)


@given(st.binary(max_size=FILE_BYTES))
def test_rubbish_is_no_statement(rubbish: bytes) -> None:
    assert newest_slot(rubbish) is None


def test_a_slot_in_the_other_ones_place_is_not_believed() -> None:
    file = bytearray(FILE_BYTES)
    file[:SLOT_BYTES] = encode_slot(Slot(1, 5, None))
    assert newest_slot(bytes(file)) is None
