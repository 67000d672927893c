"""What an office told headquarters of its days, from the feeds (S3)."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.feeds.models import Feed, RefusedFact
from supervision.outbox.rules import FactKind
from supervision.reconcile.coverage_rules import Told

ABOUT_CALLS = (FactKind.CALL, FactKind.RECORDING, FactKind.WITNESS)
# A fact that was refused longer after the days than this is of later days.
LATEST = timedelta(days=2)


def told_by(session: Session, office_code: str, first: datetime, over: datetime) -> Told:
    """What the office told of the days from `first` until `over`; an epoch that ended before tells nothing."""
    feeds = session.scalars(select(Feed).where(Feed.office_code == office_code).order_by(Feed.heard_at)).all()
    known = [feed.fact_at for feed in feeds if feed.fact_at is not None]
    refused = select(func.count()).where(
        RefusedFact.office_code == office_code,
        RefusedFact.kind.in_(ABOUT_CALLS),
        RefusedFact.at >= first,
        RefusedFact.at < over + LATEST,
    )
    return Told(
        until=max(known, default=None),
        last=feeds[-1].n if feeds else 0,
        whole=all(feed.gap_n is None and feed.taken == feed.n for feed in feeds if feed.heard_at >= first),
        refused=session.scalar(refused) or 0,
    )
