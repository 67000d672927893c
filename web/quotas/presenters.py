"""How much of what was drawn is reviewed, period by period, as a chart for each kind of draw."""

from collections.abc import Mapping, Sequence

from supervision.draws.rules import Tier
from supervision.quotas.queries import Quota
from web.design.charts import Chart, Series, Shape
from web.draws import wording as draw_wording
from web.language import gettext
from web.paging import address

MOST_PERIODS = 12


def review_charts(quotas: Sequence[Quota], kept: Mapping[str, str]) -> list[Chart]:
    """The latest weeks and the latest months, of all offices on the page; none of a kind that was never drawn."""
    made = (_chart(tier, [one for one in quotas if one.draw.tier is tier], kept) for tier in Tier)
    return [one for one in made if one.categories]


def _chart(tier: Tier, quotas: Sequence[Quota], kept: Mapping[str, str]) -> Chart:
    """Calls that came late are of their period; a period that is not drawn yet has no numbers."""
    numbers: dict[str, tuple[int, int]] = {}
    for one in quotas:
        if one.progress is not None:
            required, done = numbers.get(one.draw.period, (0, 0))
            numbers[one.draw.period] = (required + one.progress.required, done + one.progress.done)
    periods = sorted(numbers)[-MOST_PERIODS:]
    key = f"quotas-{tier.value}"
    return Chart(
        key=key,
        title=f"{gettext('Reviewed of what was drawn')} · {draw_wording.tier(tier)}",
        shape=Shape.BARS,
        heading=gettext("Period"),
        categories=[draw_wording.period_named(tier, one, 0) for one in periods],
        series=[
            Series(gettext("Calls drawn"), [numbers[one][0] for one in periods]),
            Series(gettext("Reviewed"), [numbers[one][1] for one in periods]),
        ],
        source=gettext("The latest %(periods)s periods that were drawn", periods=len(periods)),
        csv_url=address("quotas.figures", {**kept, "chart": key}),
    )
