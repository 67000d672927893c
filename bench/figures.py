"""The arithmetic of the benchmarks and their plain tables. Nothing here measures anything."""

import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """The middle value. Raises ValueError if there is none."""
    if not values:
        raise ValueError("no median of nothing")
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which so many percent lie, straight between the two nearest. Raises ValueError."""
    if not values or not 0 <= percent <= 100:
        raise ValueError(f"no percentile {percent} of {len(values)} values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(value: float, to: float) -> float | None:
    """How many times `to` the value is; None where `to` is nothing."""
    return value / to if to > 0 else None


def percent_of_core(cpu_s: float, window_s: float, calls: int = 1) -> float:
    """CPU seconds in a window as per cent of one core, for each of so many calls. Raises ValueError."""
    if window_s <= 0 or calls < 1:
        raise ValueError(f"no share of a core in {window_s} s for {calls} calls")
    return 100 * cpu_s / window_s / calls


def once_a_call_ms(
    whole_s: float, span_s: float, rates: tuple[float, float], talked_s: float, calls: int
) -> float:
    """CPU that a call costs once, by beginning and ending, in milliseconds.

    From all CPU of the span are taken what the process uses idle (`rates[0]`, CPU seconds a second, all the
    span long) and what talking adds to it (`rates[1]`, as long as one call lasted, since all last together).
    """
    idle, steady = rates
    return 1000 * (whole_s - idle * span_s - (steady - idle) * talked_s) / calls


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """An aligned table of text; the first `left` columns to the left, figures to the right."""
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if n < left else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(padded).rstrip()

    return "\n".join([line(head), "  ".join("-" * width for width in widths), *map(line, rows)])


def shown(value: float | None, digits: int = 2, unit: str = "") -> str:
    """A figure for a table; a dash for none."""
    return "-" if value is None else f"{value:.{digits}f}{unit}"
