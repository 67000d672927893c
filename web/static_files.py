"""The site's own scripts, sheets and pictures, under an address that changes with any of them (decision 28)."""

import gzip
import hashlib
from collections.abc import Iterable
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.wrappers import Request, Response

from web.security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FOLDER = Path(__file__).with_name("static")
UNDER = "/static/"
FOR_EVER = "public, max-age=31536000, immutable"
ASKED_AGAIN = "public, no-cache"
PACKED = frozenset({".css", ".js", ".svg"})


class StaticFiles:
    """A WSGI application before another, which never sees a file asked for: no session, no cookie, no database."""

    def __init__(self, inside: "WSGIApplication") -> None:
        self._inside = inside

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer with a file, or let in."""
        before, _, asked = environ.get("PATH_INFO", "").partition(UNDER)
        version, _, filename = asked.partition("/")
        if before or environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or filename not in _files():
            return self._inside(environ, start_response)
        return _answer(Request(environ), version, filename)(environ, start_response)


def install(app: Flask) -> None:
    """Serve the files; `url_for("static", filename=…)` leads to them as they are now."""

    def name_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", _version())

    app.url_defaults(name_version)
    app.add_url_rule(f"{UNDER}<version>/<path:filename>", "static", build_only=True)
    app.wsgi_app = StaticFiles(app.wsgi_app)  # type: ignore[method-assign]


def read_static(filename: str) -> bytes:
    """One file, for what is made here of it."""
    return _files()[filename]


def _answer(request: Request, version: str, filename: str) -> Response:
    """One file. A page that was open before an update asks by the old address and gets the file of now."""
    packs = Path(filename).suffix in PACKED
    packed = packs and request.accept_encodings.quality("gzip") > 0
    response = Response(_packed(filename) if packed else _files()[filename], mimetype=guess_type(filename)[0])
    response.headers.update(HEADERS)
    response.headers["Cache-Control"] = FOR_EVER if version == _version() else ASKED_AGAIN
    response.set_etag(f"{_version()}-gzip" if packed else _version())
    if packs:
        response.vary.add("Accept-Encoding")
    if packed:
        response.content_encoding = "gzip"
    return response.make_conditional(request)


@cache
def _files() -> dict[str, bytes]:
    """All files by their names, as they were when this process first looked."""
    return {file.relative_to(FOLDER).as_posix(): file.read_bytes() for file in FOLDER.rglob("*") if file.is_file()}


@cache
def _version() -> str:
    """A name for all files together: scripts and sheets name each other, so they change together."""
    whole = hashlib.sha256()
    for name, content in sorted(_files().items()):
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()[:16]


@cache
def _packed(filename: str) -> bytes:
    return gzip.compress(_files()[filename], mtime=0)
