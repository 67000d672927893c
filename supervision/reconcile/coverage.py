"""What an office told headquarters of its days, from the feeds (S3)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from supervision.exchange.models import Inbox, RefusedFact
from supervision.exchange.rules import FactKind
from supervision.moments import can_be
from supervision.reconcile.coverage_rules import Told

UUID_OF_TIME = 7
LARGEST_S = 2**37  # no calendar goes much farther
# A fact that was written longer after the days than this is of later days, whenever it came.
LATEST = timedelta(days=2)
ABOUT_CALLS = (FactKind.CALL, FactKind.RECORDING, FactKind.WITNESS)


def told_by(session: Session, office_code: str, first: datetime, over: datetime) -> Told:
    """What the office told of the days from `first` until `over`."""
    feeds = session.scalars(select(Inbox).where(Inbox.office_code == office_code).order_by(Inbox.heard_at)).all()
    known = [feed.fact_at for feed in feeds if feed.fact_at is not None]
    refused = select(func.count()).where(
        RefusedFact.office_code == office_code,
        RefusedFact.kind.in_(ABOUT_CALLS),
        RefusedFact.at >= first,
        or_(RefusedFact.fact_at.is_(None), RefusedFact.fact_at.between(first, over + LATEST)),
    )
    return Told(
        until=max(known, default=None),
        last=feeds[-1].n if feeds else 0,
        whole=all(feed.gap_n is None and feed.taken == feed.n for feed in feeds if feed.heard_at >= first),
        refused=session.scalar(refused) or 0,
        broken_off=_is_broken_off(feeds, first, over),
    )


def _is_broken_off(feeds: Sequence[Inbox], first: datetime, over: datetime) -> bool:
    """Whether these days reach into a time between two epochs: the node was rebuilt, or put back from a copy."""
    in_order = sorted(feeds, key=_began_at)
    return any(
        (ended.fact_at is None or ended.fact_at < over) and _began_at(following) >= first
        for ended, following in pairwise(in_order)
    )


def _began_at(feed: Inbox) -> datetime:
    """When an epoch began, by the node's clock: its id is a UUIDv7 (RFC 9562), which says so if it can be."""
    told = (feed.epoch.int >> 80) // 1000 if feed.epoch.version == UUID_OF_TIME else 0
    began = datetime.fromtimestamp(told, UTC) if told < LARGEST_S else feed.heard_at
    return began if can_be(began, feed.heard_at) else feed.back_at or feed.heard_at
