"""Audio of which nobody has a record: parts on the disk that belong to no call that is known."""

import contextlib
import os
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.calls.accounts import accounted
from supervision.calls.service import known_calls
from supervision.offices.models import Office
from supervision.paths import PartName
from supervision.reconcile.copy_rules import CopyState, File
from supervision.reconcile.place import Place
from supervision.reconcile.rules import SaidByHeadquarters, Witnesses
from supervision.reconcile.witnesses import OfficeStanding

SETTLED = timedelta(minutes=10)


def strays(
    session: Session, place: Place, at: datetime, known_offices: Mapping[str, OfficeStanding]
) -> Iterator[Witnesses]:
    """The calls that only audio tells of. What was written to lately may still be told of.

    So may all audio of an office that still tells of what is past, for a week: audio comes beside its facts.
    """
    own = session.scalars(select(Office.code).order_by(Office.code).limit(1)).one_or_none() or ""
    for code, folder in place.part_folders(own):
        found, standing = _settled(folder, at), known_offices.get(code, OfficeStanding())
        known = known_calls(session, found) | accounted(session, found)  # these are looked at with all others
        for call_id in found.keys() - known:
            files = tuple(File(name, None, size) for name, size, _ in sorted(found[call_id]))
            written_at = datetime.fromtimestamp(max(mtime for _, _, mtime in found[call_id]), UTC)
            copy = SaidByHeadquarters(CopyState.GROWING, None, files=files)
            yield Witnesses(
                call_id,
                code,
                None,
                None,
                None,
                copy,
                away_at=standing.away_at,
                back_at=standing.back_at,
                catching_up=standing.catching_up,
                audio_at=written_at,
            )


def _settled(folder: Path, at: datetime) -> dict[uuid.UUID, list[tuple[str, int, float]]]:
    """The parts in a folder that hold anything and have not been written to lately, by their calls; and when."""
    found: dict[uuid.UUID, list[tuple[str, int, float]]] = defaultdict(list)
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            part = PartName.parse(entry.name)
            if part is None:
                continue
            with contextlib.suppress(OSError):
                seen = entry.stat()
                if seen.st_size and seen.st_mtime < (at - SETTLED).timestamp():
                    found[part.call_id].append((entry.name, seen.st_size, seen.st_mtime))
    return found
