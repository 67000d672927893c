"""The assessment of a period as a workbook for Excel: each figure, of how many items it is, and their sum.

As in the list of calls, every text is written as a text.
"""

import io
from collections.abc import Mapping, Sequence

from flask import Response
from xlsxwriter import Workbook

from supervision.assessment.queries import Assessed
from supervision.assessment.rules import OF_OFFICES, SHARES, Figure, Period
from web.assessment import wording
from web.calls.export import KIND
from web.language import gettext


def workbook(rows: Sequence[Assessed], names: Mapping[str, str], period: Period, *, offices: bool) -> bytes:
    """The workbook, whole: figures as numbers, so that they can be reckoned with."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, bold = book.add_worksheet(period.name), book.add_format({"bold": True})
    figures = [one for one in Figure if offices or one not in OF_OFFICES]
    sheet.freeze_panes(1, 2)
    tenths, shares = book.add_format({"num_format": "0.0"}), book.add_format({"num_format": "0.0%"})
    read_as = [None, None, tenths, tenths, tenths]
    for figure in figures:
        read_as += [tenths if figure is Figure.SCORE else shares if figure in SHARES else None, None, None]
    for column, (head, as_read) in enumerate(zip(_heads(figures, offices=offices), read_as, strict=True)):
        sheet.write_string(0, column, head, bold)
        sheet.set_column(column, column, 14, as_read)
    for n, one in enumerate(rows, 1):
        for column, cell in enumerate(_cells(one, names, figures)):
            if isinstance(cell, str):
                sheet.write_string(n, column, cell)
            elif cell is not None:
                sheet.write_number(n, column, cell)
    sheet.autofilter(0, 0, max(1, len(rows)), len(_heads(figures, offices=offices)) - 1)
    book.close()
    return file.getvalue()


def send_workbook(content: bytes, period: Period) -> Response:
    """As an attachment, named by the period, which was parsed."""
    answer = Response(content, mimetype=KIND)
    answer.headers["Content-Disposition"] = f'attachment; filename="assessment-{period.name}.xlsx"'
    return answer


def _heads(figures: Sequence[Figure], *, offices: bool) -> list[str]:
    found = [gettext("Rank"), gettext("Office") if offices else gettext("Person"), gettext("Points")]
    found += [gettext("Points when closed"), gettext("Mean score may be off by")]
    for one in figures:
        name = wording.figure(one)
        found += [name, gettext("%(figure)s: number", figure=name), gettext("%(figure)s: sum", figure=name)]
    return found


def _cells(one: Assessed, names: Mapping[str, str], figures: Sequence[Figure]) -> list[str | float | None]:
    points, closed = one.points, one.points_closed
    cells: list[str | float | None] = [one.rank, names.get(one.key, one.key), points.total if points else None]
    cells += [closed.total if closed else None, one.half_width]
    for figure in figures:
        tally = one.tally(figure)
        cells += [tally.mean, tally.n, tally.total]
    return cells
