"""Notices that were issued, answered and closed, without a page."""

import io
import zipfile
from datetime import datetime, timedelta

from supervision.findings.models import Treatment
from supervision.rectification import service
from supervision.rectification.models import Rectification
from supervision.rectification.service import Answer, Asked
from tests.evaluations.factories import MONDAY, Work
from tests.findings.factories import treated

PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0"
ISSUED = MONDAY + timedelta(hours=2)
ANSWER = Answer("已约谈本人，当日整改", "每周晨会讲评一次，组长抽听")


def zipped(*names: str, types: str = "") -> bytes:
    """An archive with empty files of these names; `types`: what the list of types says, if that is one of them."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, types if name == "[Content_Types].xml" else "")
    return data.getvalue()


def issued(
    work: Work, *treatments: Treatment, login: str = "supervisor", to: str = "", days: int = 10
) -> Rectification:
    """A notice: headquarters' to office 01, or a leader's to one of his people."""
    found = treatments or (treated(work),)
    asked = Asked(
        tuple(one.id for one in found), "请立即整改并防止再犯", days, work.town.people[to].id if to else None
    )
    return service.issue(work.context(login, ISSUED), asked)


def answered(work: Work, one: Rectification, login: str = "leader", given: Answer = ANSWER) -> Rectification:
    """The same, answered."""
    return service.answer(work.context(login, ISSUED + timedelta(days=1)), one.id, given, version=one.version)


def verified(work: Work, one: Rectification, login: str = "supervisor") -> Rectification:
    """The same, verified."""
    context = work.context(login, ISSUED + timedelta(days=2))
    return service.verify(context, one.id, "抽听三通，已改正", version=one.version)


def withdrawn(work: Work, one: Rectification, login: str = "supervisor") -> Rectification:
    """The same, withdrawn."""
    return service.withdraw(work.context(login, ISSUED + timedelta(days=2)), one.id, "查有误", version=one.version)


def closed(work: Work, one: Rectification, login: str = "supervisor", at: datetime | None = None) -> Rectification:
    """The same, answered, verified and closed."""
    verified(work, answered(work, one))
    return service.close(work.context(login, at or ISSUED + timedelta(days=3)), one.id, version=one.version)
