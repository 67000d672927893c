"""The Content-Security-Policy of a page with a player.

wavesurfer.js draws inside of a shadow root with a style element of its own; a nonce, new for each response,
lets that one in. Nothing else is loosened.
"""

import secrets

from flask import Response

from web.security import POLICY


def new_nonce() -> str:
    """A nonce for one response."""
    return secrets.token_urlsafe(18)


def allow_player_style(response: Response, nonce: str) -> Response:
    """Allow the style element that carries the nonce, and no other."""
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "style-src 'self'", f"style-src 'self' 'nonce-{nonce}'"
    )
    return response
