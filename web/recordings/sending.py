"""Sending a sealed recording: by HTTP range, never kept by a cache, under a name that is ours."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from flask import Response, current_app, request, send_file
from werkzeug.wsgi import ClosingIterator

from supervision.clock import local
from supervision.errors import Unavailable
from supervision.paths import Paths
from supervision.recordings.queries import SealedRecording
from supervision.settings import Settings

AT_ONCE = 1024 * 1024


def send_audio(sealed: SealedRecording) -> Response:
    """The FLAC, or the one range of it that was asked for (RFC 9110, 14.2): 200, 206 or 416.

    A request for several ranges at once is answered with the whole, as a server may. One range is answered with
    a megabyte at most, a shorter range than was asked for: the player asks on when it needs more, and one that is
    paused holds no thread of the worker.
    """
    path = _present(_paths().sealed(sealed.call_id, sealed.offered_at))
    if "," in request.headers.get("Range", ""):
        request.environ.pop("HTTP_RANGE")
    elif request.range is not None:
        _shorten(*request.range.ranges[0], path.stat().st_size)
    return _private(send_file(path, "audio/flac", conditional=True, etag=sealed.flac_sha256))


def count_served(answer: Response, note: Callable[[int], None]) -> Response:
    """Have every megabyte noted before it leaves, so that nothing counts as served that was never asked on for.

    A range is a megabyte at most and is noted at once; the whole, which only a client without ranges gets, is
    noted piece by piece.
    """
    if request.method != "GET" or answer.status_code not in {200, 206}:
        return answer
    length = answer.content_length or 0
    if length <= AT_ONCE:
        note(length)
        return answer
    chunks: Iterable[bytes] = answer.response  # type: ignore[assignment]  # of a file: bytes
    answer.response = ClosingIterator(_pieces(chunks, length, note), getattr(chunks, "close", None))
    return answer


def send_download(sealed: SealedRecording) -> Response:
    """The FLAC as an attachment, named by line and local time; nothing from a caller is in the name."""
    path = _present(_paths().sealed(sealed.call_id, sealed.offered_at))
    name = f"{sealed.line_key}_{local(sealed.offered_at):%Y-%m-%d_%H-%M-%S}.flac"
    return _private(send_file(path, "audio/flac", as_attachment=True, download_name=name, etag=sealed.flac_sha256))


def send_peaks(sealed: SealedRecording) -> Response:
    """The waveform's peaks, JSON."""
    return _private(send_file(_present(_paths().peaks(sealed.call_id, sealed.offered_at)), "application/json"))


def _pieces(chunks: Iterable[bytes], length: int, note: Callable[[int], None]) -> Iterator[bytes]:
    noted = sent = 0
    for chunk in chunks:
        while sent + len(chunk) > noted and noted < length:
            step = min(AT_ONCE, length - noted)
            note(step)
            noted += step
        sent += len(chunk)
        yield chunk


def _shorten(start: int, end: int | None, size: int) -> None:
    """Ask for no more than is sent at once; `end` is exclusive, a negative `start` counts from the file's end."""
    first = max(0, size + start) if start < 0 else start
    if first < size and (end or size) - first > AT_ONCE:
        request.environ["HTTP_RANGE"] = f"bytes={first}-{first + AT_ONCE - 1}"


def _paths() -> Paths:
    settings: Settings = current_app.extensions["settings"]
    return Paths(settings.home)


def _present(path: Path) -> Path:
    if not path.is_file():
        raise Unavailable("the sealed recording is not on the disk")
    return path


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response
