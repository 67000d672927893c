"""What an office and headquarters have of calls, asked of their databases."""

import json
import time

from tests.hosts.bureau import Bureau

AT_OFFICE = """
import json, sqlite3
db = sqlite3.connect('file:/srv/supervision/office.db?mode=ro', uri=True)
print(json.dumps(db.execute(\\"{sql}\\").fetchall()))
"""
RECORDINGS = "SELECT call_id, pcm_sha256 FROM recordings WHERE state = 'ready'"
CALLS = "SELECT count(*) FROM calls WHERE ended_at IS NOT NULL"
INCIDENTS = "SELECT cause, subject FROM incidents WHERE healed_at IS NULL"
PATIENCE_S = 90.0


def at_office(bureau: Bureau, code: str, sql: str) -> list[list[object]]:
    """Rows of an office's database."""
    text = bureau.run_on(f"office{code}", "python3", "-c", f'"{AT_OFFICE.format(sql=sql).strip()}"')
    rows: list[list[object]] = json.loads(text)
    return rows


def at_headquarters(bureau: Bureau, sql: str, host: str = "hq") -> list[list[str]]:
    """Rows of headquarters' database."""
    text = bureau.run_on(host, "runuser", "-u", "supervision", "--", "psql", "-XAtF,", "-c", f'"{sql}"')
    return [line.split(",") for line in text.splitlines()]


def recordings_of(bureau: Bureau, code: str) -> dict[str, str]:
    """The sealed recordings at an office, by call: the hash of their sound."""
    return {str(call).replace("-", ""): str(sha) for call, sha in at_office(bureau, code, RECORDINGS)}


def recordings_at_headquarters(bureau: Bureau, host: str = "hq") -> dict[str, str]:
    """The same at headquarters."""
    return {call.replace("-", ""): sha for call, sha in at_headquarters(bureau, RECORDINGS, host)}


def wait_for_recordings(bureau: Bureau, code: str, count: int, host: str = "hq") -> dict[str, str]:
    """An office's recordings, once there are so many and headquarters has each with the same hash."""
    until = time.monotonic() + PATIENCE_S
    while True:
        here, there = recordings_of(bureau, code), recordings_at_headquarters(bureau, host)
        if len(here) >= count and here.items() <= there.items():
            return here
        if time.monotonic() > until:
            raise AssertionError(f"office {code}: {count} expected; here {here}, at headquarters {there}")
        time.sleep(1)


def open_incidents(bureau: Bureau, code: str) -> list[str]:
    """The causes that are open at an office."""
    return [f"{cause} {subject}" for cause, subject in at_office(bureau, code, INCIDENTS)]
