"""The few routes that take files: they may be sent more than a form, and what is too large is refused unread."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = "takes_at_most"
_FORM_BYTES = 200_000  # the texts beside the files


def takes_files(most_bytes: int) -> Callable[[View], View]:
    """A view that may be sent files of so many bytes altogether."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, most_bytes + _FORM_BYTES)
        return view

    return mark


def install(app: Flask) -> None:
    """Raise the limit for these views before anything reads a form, and after it is seen who may enter."""
    app.before_request(_allow)


def _allow() -> None:
    most = getattr(current_app.view_functions.get(request.endpoint or ""), _ATTRIBUTE, None)
    if most is not None:
        request.max_content_length = most
