"""tus 1.0.0: parts are begun, looked at and added to. Nothing acknowledged can be deleted or overwritten."""

import hashlib

from flask import Blueprint, Response, current_app, request, url_for

from supervision.errors import NotFound
from supervision.parts.incoming import Incoming
from supervision.parts.part_writer import PartState, PartWriter
from supervision.paths import PartName
from supervision.settings import Settings
from web.intake import headers, patch_body
from web.intake.identity import office
from web.intake.patch_body import BrokenOff
from web.intake.problems import Problem

bp = Blueprint("tus", __name__, url_prefix="/v1/parts")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _incoming() -> Incoming:
    incoming: Incoming = current_app.extensions["incoming"]
    return incoming


@bp.before_request
def _check_version() -> None:
    if request.method != "OPTIONS":
        headers.require_version()


@bp.after_request
def _tell_version(answer: Response) -> Response:
    answer.headers["Tus-Resumable"] = headers.VERSION
    return answer


@bp.route("", methods=["OPTIONS"], defaults={"name": None}, provide_automatic_options=False)
@bp.route("/<name>", methods=["OPTIONS"], provide_automatic_options=False)
def options(name: str | None) -> Response:  # noqa: ARG001 - a part's address answers as its folder's does
    """What this server can do."""
    answer = Response(status=204)
    answer.headers["Tus-Version"] = headers.VERSION
    answer.headers["Tus-Extension"] = "creation,creation-defer-length,checksum"
    answer.headers["Tus-Checksum-Algorithm"] = ",".join(headers.ALGORITHMS)
    answer.headers["Tus-Max-Size"] = str(_settings().intake_part_longest_bytes)
    return answer


@bp.post("")
def create() -> Response:
    """Begin a part, or find it begun."""
    name, length = headers.part_to_create(), headers.length_to_create()
    _check_part_length(length)
    limits = _settings().intake_unfinished_parts, _settings().intake_open_parts
    state = _incoming().create(office(), name, length, *limits)
    answer = _state_of(state, 201)
    answer.headers["Location"] = url_for("tus.show", name=str(name))
    return answer


@bp.route("/<name>", methods=["HEAD"], provide_automatic_options=False)
def show(name: str) -> Response:
    """How much of a part is held for good."""
    part = _part(name)
    state = _incoming().state(office(), part)
    answer = _state_of(state, 200)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Upload-Metadata"] = headers.metadata(part)
    if state.length is None:
        answer.headers["Upload-Defer-Length"] = "1"
    else:
        answer.headers["Upload-Length"] = str(state.length)
    return answer


@bp.patch("/<name>")
def add(name: str) -> Response:
    """Add a chunk; what is answered 204 is on the disk for good."""
    settings = _settings()
    try:
        return _state_of(_added(_part(name), settings), 204)
    except BrokenOff:
        raise Problem(408, "broken-off", "The body broke off", "Ask by HEAD how much was kept") from None
    except Exception:
        patch_body.discard(settings.intake_chunk_longest_bytes, settings.intake_stall_s)
        raise


def _added(part: PartName, settings: Settings) -> PartState:
    if request.mimetype != headers.CHUNK_TYPE:
        raise Problem(415, "wrong-type", "Another content type", f"Content-Type: {headers.CHUNK_TYPE} is needed")
    offset, length, wanted = headers.number("Upload-Offset"), headers.number("Upload-Length"), headers.checksum()
    if offset is None:
        raise Problem(400, "bad-header", "A header is missing", "Upload-Offset is needed")
    _check_part_length(length)
    if (patch_body.length() or 0) > settings.intake_chunk_longest_bytes:
        raise patch_body.too_long(settings.intake_chunk_longest_bytes)
    with _incoming().open(office(), part, settings.intake_lock_wait_s) as writer:
        if writer.state.offset != offset:
            detail = f"{writer.state.offset} bytes are held"
            held = {"Upload-Offset": str(writer.state.offset)}
            raise Problem(409, "wrong-offset", "Another offset", detail, held)
        if length is not None:
            writer.fix_length(length)
        _receive(writer, wanted, settings)
        return writer.keep()


def _receive(writer: PartWriter, wanted: headers.Checksum | None, settings: Settings) -> None:
    """Write what arrives. What broke off is kept, unless a checksum was to be checked."""
    digest = hashlib.new(wanted.algorithm) if wanted else None
    room = _room(writer, settings)
    try:
        for block in patch_body.blocks(min(room, settings.intake_chunk_longest_bytes), settings.intake_stall_s):
            writer.write(block)
            if digest:
                digest.update(block)
    except BrokenOff:
        if not wanted:
            writer.keep()
        raise
    if wanted and digest:
        wanted.check(digest.digest())


def _room(writer: PartWriter, settings: Settings) -> int:
    """How many bytes the part may still take; a 413 problem if the request announces more."""
    most = settings.intake_part_longest_bytes if writer.length is None else writer.length
    room = most - writer.state.offset
    if (patch_body.length() or 0) > room:
        raise Problem(413, "part-too-large", "Beyond the part's length", f"There is room for {room} bytes")
    return room


def _check_part_length(length: int | None) -> None:
    most = _settings().intake_part_longest_bytes
    if length is not None and length > most:
        raise Problem(413, "part-too-large", "The part is too large", f"At most {most} bytes")


def _part(name: str) -> PartName:
    part = headers.part_named(name)
    if part is None:
        raise NotFound("part")
    return part


def _state_of(state: PartState, status: int) -> Response:
    answer = Response(status=status)
    answer.headers["Upload-Offset"] = str(state.offset)
    return answer
