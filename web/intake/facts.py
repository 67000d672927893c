"""Facts come in, and offices learn what headquarters has received.

Audio does not pass here, so that it comes in while the database is away (decision 12).
"""

from flask import Blueprint, Response, jsonify, request

from supervision.clock import now
from supervision.errors import InvalidInput
from supervision.exchange.rules import Gap, PutBack
from supervision.ingest import contact, service
from supervision.ingest.messages import parse_batch
from supervision.recordings.receiving import parts_received
from web.intake.identity import office
from web.intake.problems import Problem
from web.unit import after_rollback, looking, session

MOST_PARTS = 500

bp = Blueprint("facts", __name__, url_prefix="/v1")


@bp.post("/facts")
def receive() -> Response:
    """Take a batch of facts in; answers up to which number they are all here."""
    batch = parse_batch(request.get_data())
    try:
        n = service.receive_batch(session(), office(), batch, now())
    except contact.ClockBehind:
        after_rollback(lambda own: contact.note_clock_behind(own, office(), now()))
        raise
    except Gap as gap:
        after_rollback(lambda own: service.note_gap(own, office(), batch, now()))
        held = {"Fact-Number": str(gap.wanted - 1)}
        raise Problem(409, "gap", "Facts are missing before these", str(gap), held) from None
    except PutBack as error:
        held = {"Fact-Number": str(error.n)}
        raise Problem(409, "put-back", "These numbers were given before", str(error), held) from None
    return jsonify(epoch=str(batch.epoch), n=n)


@bp.post("/receipts")
def receipts() -> Response:
    """Which of these parts are here, whole and with the right hash."""
    names = request.get_json(force=True, silent=True)
    if not isinstance(names, list) or len(names) > MOST_PARTS or not all(isinstance(name, str) for name in names):
        raise InvalidInput("parts", "not_a_list", f"a list of at most {MOST_PARTS} names")
    with looking() as looked:
        received = parts_received(looked, office(), names)
    return jsonify(received={name: at.isoformat() for name, at in received.items()})
