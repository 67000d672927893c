"""A chart on the page: its table says the same as its figures, no name of the data becomes markup or a formula."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from supervision.actor import Role
from supervision.audit.models import AuditEntry
from supervision.database import Database
from supervision.settings import Mode
from tests.web.conftest import People
from web.design.chart_files import as_csv
from web.design.charts import MOST_DRAWN, Chart, Limit, Mark, Series, Shape
from web.unit import Application

FIGURES = re.compile(r'<script type="application/json" data-part="figures">(.*?)</script>', re.DOTALL)
CELL = re.compile(r"<t[hd][^>]*>(?:<a [^>]*>)?(.*?)(?:</a>)?</t[hd]>")
ROW = re.compile(r"<tr>(.*?)</tr>")
SCORES = Chart(
    key="scores",
    title="平均分",
    shape=Shape.LINES,
    heading="月份",
    categories=["2026-01", "2026-02", "2026-03"],
    series=[
        Series("城关税务所", [92.04, None, -3.5], intervals=[(90.1, 93.96), None, (-4.0, -3.0)]),
        Series("城东税务所", [88, 90, 0], links=["/a?x=1&y=2", "", "/c"]),
    ],
    unit="分",
    digits=1,
    marks=[Mark("2026-02", "上线"), Mark("2025-01", "不在图中")],
    limits=[Limit(60, "合格")],
    csv_url="/figures.csv?chart=scores",
)


@pytest.fixture
def mode() -> Mode:
    return Mode.HQ


def shown(app: Application, chart: Chart) -> str:
    """The chart as it stands in a page."""
    with app.test_request_context():
        module = app.jinja_env.get_template("design/charts.html").make_module()
        return str(module.figure(chart))  # type: ignore[attr-defined]


def figures_in(page: str) -> dict[str, object]:
    found = FIGURES.search(page)
    assert found
    content: dict[str, object] = json.loads(found[1])
    return content


def test_the_table_says_what_is_drawn(app: Application) -> None:
    page = shown(app, SCORES)
    rows = [CELL.findall(row) for row in ROW.findall(page)]
    assert rows == [
        ["月份", "城关税务所 (分)", "城东税务所 (分)"],
        ["2026-01", "92.0 (90.1–94.0)", "88.0"],
        ["2026-02", "–", "90.0"],
        ["2026-03", "−3.5 (−4.0–−3.0)", "0.0"],
    ]
    drawn = figures_in(page)
    texts = [one["texts"] for one in drawn["series"]]  # type: ignore[attr-defined]
    assert texts == [["92.0", "–", "−3.5"], ["88.0", "90.0", "0.0"]]
    assert drawn["categories"] == [row[0] for row in rows[1:]]
    assert drawn["marks"] == [{"at": 1, "label": "上线"}], "a mark beyond the chart is not drawn"
    assert '<a href="/a?x=1&amp;y=2">88.0</a>' in page


def test_a_table_with_a_row_for_each_series_says_the_same(app: Application) -> None:
    rows = [CELL.findall(row) for row in ROW.findall(shown(app, replace(SCORES, turned="税务所")))]
    assert [row[0] for row in rows] == ["税务所", "城关税务所 (分)", "城东税务所 (分)"]
    assert rows[2][1:] == ["88.0", "90.0", "0.0"]


def test_no_name_ends_the_script_or_becomes_markup(app: Application) -> None:
    hostile = "</script><script>alert(1)</script><!-- & '\"{b}"
    chart = replace(SCORES, title=hostile, categories=[hostile, "b", "c"], series=[Series(hostile, [1, 2, 3])])
    page = shown(app, chart)
    assert page.count("<script") == page.count("</script>") == 1
    assert "alert(1)<" not in page
    drawn = figures_in(page)
    assert (drawn["title"], drawn["categories"]) == (hostile, [hostile, "b", "c"])


def test_without_figures_there_is_a_sentence_and_nothing_to_draw_or_take_away(app: Application) -> None:
    page = shown(app, replace(SCORES, series=[Series("城关税务所", [None, None, None])]))
    assert "此图表暂无数据" in page
    for absent in ("data-chart", "<script", "<table", "<button", "/figures.csv"):
        assert absent not in page


def test_the_file_holds_each_figure_and_no_formula(app: Application) -> None:
    series = [*SCORES.series, Series('=HYPERLINK("x")', [1, 2, 3]), Series("-1+2", [4, 5, 6])]
    with app.test_request_context():
        content = as_csv(replace(SCORES, heading="@月份", categories=["＝1", "a,b", "=c"], series=series))
    assert content.startswith(b"\xef\xbb\xbf"), "or Excel reads it as something else"
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [
        [
            *("'@月份", "城关税务所 (分)", "城关税务所 (分)（下限）", "城关税务所 (分)（上限）"),
            *("城东税务所 (分)", '\'=HYPERLINK("x") (分)', "'-1+2 (分)"),
        ],
        ["'＝1", "92.0", "90.1", "94.0", "88.0", "1.0", "4.0"],
        ["a,b", "", "", "", "90.0", "2.0", "5.0"],
        ["'=c", "-3.5", "-4.0", "-3.0", "0.0", "3.0", "6.0"],
    ]


def test_of_many_series_the_greatest_are_drawn_each_in_a_colour_of_its_own(app: Application) -> None:
    many = [Series(str(n), [n, None, n]) for n in range(9)] + [Series("all", [99, 99, 99], beside=True)]
    drawn = figures_in(shown(app, replace(SCORES, series=many)))["series"]
    assert [one["name"] for one in drawn if one["drawn"]] == ["3", "4", "5", "6", "7", "8"]  # type: ignore[attr-defined]
    assert [one["place"] for one in drawn if one["drawn"]] == list(range(MOST_DRAWN))  # type: ignore[attr-defined]


def test_a_series_that_is_not_as_long_as_the_others_is_refused() -> None:
    with pytest.raises(ValueError, match="城关"):
        replace(SCORES, series=[Series("城关税务所", [1, 2])])


def test_that_a_charts_figures_were_taken_away_is_written_down_with_the_filter(
    people: People, database: Database
) -> None:
    head = people.enters(Role.SUPERVISION_HEAD)
    answer = head.get("/early-signs/figures.csv?category=manner&office=01&chart=early-signs&more=x")
    assert answer.mimetype == "text/csv"
    assert re.search(r'filename="early-signs-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"])
    with database.reading() as session:
        (noted,) = session.query(AuditEntry).filter_by(act="figures_exported")
    filtered = {"by": "category", "category": "manner", "office": "01"}
    assert noted.detail == {"chart": "early-signs", "filter": filtered, "rows": 8}
    assert head.get("/early-signs/figures.csv?chart=another").status_code == 404
