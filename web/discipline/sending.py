"""The evidence package on its way to the browser, and the page in it that explains how to check it."""

from flask import Response, render_template

from supervision.discipline.evidence import Package


def explanation() -> str:
    """The page in a package, in Chinese and English: it is opened where this site is not."""
    return render_template("discipline/evidence.html")


def send_package(package: Package) -> Response:
    """The package as a file to keep. Its hash is in the head of the answer, and in the audit log."""
    answer = Response(package.chunks(), mimetype="application/zip")
    answer.content_length = package.size_bytes
    answer.headers["Content-Disposition"] = f'attachment; filename="{package.name}"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-SHA256"] = package.sha256
    return answer
