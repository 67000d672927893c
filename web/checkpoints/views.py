"""The signed heads, and each as the files that `openssl` and `verify_audit.py` take."""

import base64

from flask import Blueprint, Response, render_template, request

from supervision.audit.checkpoints import get_checkpoint, list_checkpoints
from supervision.audit.models import Checkpoint
from supervision.audit.queries import exported_heads
from supervision.errors import InvalidInput
from supervision.people.rules import Act
from web import arguments as given
from web.access import needs
from web.checkpoints.receipts import kept_by
from web.design.navigation import NavItem
from web.language import lazy_gettext
from web.paging import address
from web.site import at_headquarters
from web.unit import session

bp = Blueprint("checkpoints", __name__, url_prefix="/checkpoints", template_folder="templates")
NAV = [
    NavItem(label=lazy_gettext("Kept heads"), endpoint="checkpoints.index", act=Act.SEE_CHECKPOINTS, icon="seal")
]
LARGEST = 10**15


@bp.get("/")
@needs(Act.SEE_CHECKPOINTS)
def index() -> str:
    """The signed heads, the latest first."""
    before, after = (given.count(request.args, name, LARGEST) for name in ("older", "newer"))
    page = list_checkpoints(session(), before, after)
    links = {
        f"{name}_url": address("checkpoints.index", {name: str(number)}) if number else None
        for name, number in (("newer", page.newer), ("older", page.older))
    }
    kept = kept_by(session()) if at_headquarters() else None
    return render_template("checkpoints/index.html", page=page, kept=kept, **links)


@bp.get("/text")
@needs(Act.SEE_CHECKPOINTS)
def text() -> Response:
    """What was signed, word for word."""
    found = _asked_for()
    return _file(found.text.encode(), f"checkpoint-{found.number:06d}.txt", "text/plain")


@bp.get("/signature")
@needs(Act.SEE_CHECKPOINTS)
def signature() -> Response:
    """Its signature (DER)."""
    found = _asked_for()
    return _file(
        base64.b64decode(found.signature), f"checkpoint-{found.number:06d}.sig", "application/octet-stream"
    )


@bp.get("/key")
@needs(Act.SEE_CHECKPOINTS)
def key() -> Response:
    """The public key that it is checked with (PEM)."""
    return _file(_asked_for().key.encode(), "audit-signing-key.pem", "application/x-pem-file")


@bp.get("/heads")
@needs(Act.SEE_CHECKPOINTS)
def heads() -> Response:
    """All heads that are here, for `verify_audit.py`."""
    return _file("".join(exported_heads(session())).encode(), "kept-heads.jsonl", "application/jsonl")


def _asked_for() -> Checkpoint:
    number = given.count(request.args, "number", LARGEST)
    if number is None:
        raise InvalidInput("number", "missing")
    return get_checkpoint(session(), number)


def _file(data: bytes, name: str, kind: str) -> Response:
    answer = Response(data, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
