"""Which seconds of a recording were heard: a pure rule over what the player reports (domain rule 1)."""

from collections.abc import Iterable, Sequence

Stretch = tuple[float, float]

FASTEST = 2.0
LONGEST_REPORTED_S = 30.0
MOST_STRETCHES = 2000  # of one listening: nobody jumps about so often, and each report reads all of them


def merge_stretches(stretches: Iterable[Stretch], longest_s: float) -> list[Stretch]:
    """The union of stretches, in order, without overlaps, clipped to `0 … longest_s`; milliseconds kept."""
    merged: list[Stretch] = []
    clipped = ((_ms(max(0.0, start)), _ms(min(longest_s, end))) for start, end in stretches)
    for start, end in sorted(stretch for stretch in clipped if stretch[0] < stretch[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def heard_seconds(stretches: Iterable[Stretch]) -> float:
    """Distinct seconds in merged stretches."""
    return _ms(sum(end - start for start, end in stretches))


def talk_from(officer_on_s: float | None, caller_talks_s: float | None, duration_s: float) -> float:
    """From which second on a recording is listened to for its talk: where the officer comes on.

    Ringing and announcement before that are nobody's to judge, so they count neither into what must be heard nor
    into what was. Where nobody came on before the end, the recording is what there is to hear.

    When the officer came on is known from the office; from where on the caller talks is measured in the sealed
    sound. The earlier of both holds, so that an office's times take nothing away from what its leader has to hear.
    """
    if officer_on_s is None or not 0 < officer_on_s < duration_s:
        return 0.0
    return _ms(officer_on_s if caller_talks_s is None else min(officer_on_s, caller_talks_s))


def stretches_from(stretches: Iterable[Stretch], from_s: float) -> list[Stretch]:
    """What of stretches lies after a second."""
    return [(max(start, from_s), end) for start, end in stretches if end > from_s]


def allowed_seconds(passed_s: float) -> float:
    """How much can have been heard since the last report: at twice the speed, over half a minute at most.

    A player reports every few seconds, so a longer silence is a pause and not half an hour of listening.
    """
    return FASTEST * min(max(0.0, passed_s), LONGEST_REPORTED_S)


def served_seconds(served_bytes: int, whole_bytes: int, duration_s: float) -> float:
    """How much can have been heard: of the recording the share that left, at most all of it."""
    if whole_bytes <= 0:
        return 0.0
    return duration_s * min(1.0, max(0, served_bytes) / whole_bytes)


def add_heard(
    known: Sequence[Stretch], reported: Iterable[Stretch], duration_s: float, allowed_s: float
) -> list[Stretch]:
    """What was heard so far, with a new report added (domain rule 1).

    Distinct seconds, of which at most `allowed_s` are new. What is already written down is never taken back; of
    the new seconds the earliest are kept. Reports are whole, so what was too much now may count the next time.
    Nothing is added that would leave more than `MOST_STRETCHES` apart from each other.
    """
    kept = merge_stretches(known, duration_s)
    added: list[Stretch] = []
    for start, end in _without(merge_stretches(reported, duration_s), kept):
        length_s = min(end - start, allowed_s)
        if length_s < 0.001:
            break
        added.append((start, start + length_s))
        allowed_s -= length_s
    whole = merge_stretches([*kept, *added], duration_s)
    return whole if len(whole) <= MOST_STRETCHES else kept


def _without(stretches: Sequence[Stretch], known: Sequence[Stretch]) -> list[Stretch]:
    """What of merged stretches lies outside the known ones, which are merged, too: both are gone through once."""
    fresh, passed = [], 0
    for start, end in stretches:
        at = start
        while passed < len(known) and known[passed][0] < end:
            known_start, known_end = known[passed]
            if known_start > at:
                fresh.append((at, known_start))
            at = max(at, known_end)
            if known_end > end:
                break  # it may cover the beginning of the next one
            passed += 1
        if at < end:
            fresh.append((at, end))
    return fresh


def _ms(seconds: float) -> float:
    return round(seconds, 3)
