"""The figures of the *Machines* page and the open incidents, as Prometheus reads them.

They are written to a file at headquarters, which knows all machines: so no office has a port open for them.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.incidents.models import Incident
from supervision.machines.queries import MachineRow, list_machines


def write_metrics(session: Session, file: Path, at: datetime) -> None:
    """Write all figures to a file, whole or not at all."""
    registry = CollectorRegistry()
    _add_machines(registry, list_machines(session, Scope(None), at))
    incidents = Gauge("supervision_incidents_open", "Open incidents.", ("machine", "cause"), registry=registry)
    query = (
        select(Incident.office_code, Incident.cause, func.count())
        .where(Incident.healed_at.is_(None))
        .group_by(Incident.office_code, Incident.cause)
    )
    for code, cause, count in session.execute(query):
        incidents.labels(code, cause.value).set(count)
    Gauge("supervision_metrics_time_seconds", "When this was written.", registry=registry).set(at.timestamp())
    write_to_textfile(str(file), registry)
    file.chmod(0o644)  # node_exporter is another user; figures of machines are no secret


def _add_machines(registry: CollectorRegistry, rows: Iterable[MachineRow]) -> None:
    def gauge(name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"supervision_{name}", what, ("machine", *labels), registry=registry)

    seen = gauge("machine_seen_time_seconds", "When the machine last sent its figures; 0: never.")
    free = gauge("disk_free_bytes", "Free space of a file system.", "volume")
    total = gauge("disk_size_bytes", "Size of a file system.", "volume")
    read_only = gauge("disk_read_only", "1 where nothing can be written to it.", "volume")
    parts = gauge("unsent_parts", "Parts of recordings that headquarters lacks.")
    waiting = gauge("unsent_bytes", "Their bytes.")
    oldest = gauge("unsent_oldest_time_seconds", "Since when the oldest of it has waited; absent: nothing waits.")
    for row in rows:
        seen.labels(row.code).set(row.seen_at.timestamp() if row.seen_at else 0)
        parts.labels(row.code).set(row.backlog.parts)
        waiting.labels(row.code).set(row.backlog.size_bytes)
        if row.backlog.oldest_at is not None:
            oldest.labels(row.code).set(row.backlog.oldest_at.timestamp())
        for volume in row.volumes:
            free.labels(row.code, volume.name).set(volume.free_bytes)
            total.labels(row.code, volume.name).set(volume.total_bytes)
            read_only.labels(row.code, volume.name).set(volume.read_only)
