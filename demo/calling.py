"""Calls in every office of the bureau at once: five each and a report, or without end."""

import random
import threading
from collections.abc import Iterable

from sqlalchemy import func, select

from demo.bureau import Bureau
from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.processes import TooLate, until
from demo.progress import say
from demo.report import Finding, Listener, describe, examine, incidents
from demo.tour import Telephones, Visit, endless_visits, five_visits, place_all
from supervision.actor import Role
from supervision.calls.models import Call
from supervision.recordings.models import Recording, RecordingState

OVER = {RecordingState.READY, RecordingState.EMPTY, RecordingState.FAILED}


def once(bureau: Bureau) -> int:
    """Five calls in each office, on two lines at once, then the report. 0 if nothing is missing anywhere."""
    plans = [(Telephones(office), five_visits(office.description.office.code)) for office in bureau.offices]
    wanted = {phones.office: sum(len(visits) for visits in by_line.values()) for phones, by_line in plans}
    _place_all_at_once((phones, visits) for phones, by_line in plans for visits in by_line.values())
    say("waiting until all recordings are sealed at both")
    try:
        until("all recordings sealed", lambda: _all_sealed(bureau, wanted.values()), 60)
    except TooLate as error:
        say(str(error))
    whole = [_reported(bureau, office, calls) for office, calls in wanted.items()]
    sides = (bureau.hq.database, *(office.database for office in bureau.offices))
    seen = [one for database in sides for one in incidents(database)]
    for incident in seen:
        print(f"  incident: {incident.line}{' (nothing was lost)' if incident.lost_nothing else ''}")
    all_there = all(whole) and all(incident.lost_nothing for incident in seen)
    print(f"\n  {'All is there' if all_there else 'SOMETHING IS MISSING'}, in {bureau.hq.home.parent}")
    return 0 if all_there else 1


def endless(bureau: Bureau, stopped: threading.Event) -> int:
    """Calls without end in each office, each printed when its recording is sealed, until stopped."""
    for office in bureau.offices:
        dice = random.Random()  # noqa: S311 - which dialogue comes next is no secret
        visits = endless_visits(office.description.office.code, dice)
        _start(Telephones(office), visits, stopped)
    printed: set[object] = set()
    while not stopped.wait(0.5):
        for office in bureau.offices:
            _tell_sealed(office, printed)
    return 0


def _start(phones: Telephones, visits: Iterable[Visit], stopped: threading.Event) -> threading.Thread:
    placing = threading.Thread(target=place_all, args=(phones, visits, stopped, say), daemon=True)
    placing.start()
    return placing


def _place_all_at_once(lines: Iterable[tuple[Telephones, list[Visit]]]) -> None:
    stopped = threading.Event()
    for placing in [_start(phones, visits, stopped) for phones, visits in lines]:
        placing.join()


def _tell_sealed(office: LoopbackOffice, printed: set[object]) -> None:
    with office.database.reading() as session:
        rows = session.execute(
            select(Call, Recording).join(Recording).where(Recording.state.in_(OVER)).order_by(Call.offered_at)
        )
        for call, recording in rows:
            if call.id not in printed:
                printed.add(call.id)
                say(describe(call, recording))


def _all_sealed(bureau: Bureau, wanted: Iterable[int]) -> bool:
    here = [_sealed(office) for office in bureau.offices]
    return here == list(wanted) and _sealed(bureau.hq) == sum(here)


def _sealed(where: LoopbackOffice | LoopbackHeadquarters) -> int:
    with where.database.reading() as session:
        count = select(func.count()).select_from(Recording).where(Recording.state.in_(OVER))
        return session.scalar(count) or 0


def _reported(bureau: Bureau, office: LoopbackOffice, wanted: int) -> bool:
    """Print what became of an office's calls; whether all are there."""
    sheet = bureau.sheet(office)
    with (
        Listener(office, sheet.logins[Role.OFFICE_LEADER], sheet.password) as here,
        Listener(bureau.hq, sheet.logins[Role.SUPERVISOR], sheet.password) as there,
    ):
        findings = examine(office, here, bureau.hq, there)
    print(f"\n  {office.description.office.name}")
    for finding in findings:
        print(f"  {_line(finding)}")
    whole = sum(not finding.faults for finding in findings)
    print(
        f"  {whole} of {wanted} calls recorded, sealed and playable at the office and at headquarters", flush=True
    )
    return whole == len(findings) == wanted


def _line(finding: Finding) -> str:
    return finding.line + ("" if not finding.faults else "  <-- " + "; ".join(finding.faults))
