"""Headquarters' key and share for judging a second time, from its secrets and settings."""

import secrets

from supervision.evaluations.service import Rescoring
from supervision.paths import Paths
from supervision.secret_files import keep_secret
from supervision.settings import Settings


def rescoring_of(settings: Settings) -> Rescoring:
    """The key, made when first needed, and the share. Whoever has the key knows what is judged again."""
    key = keep_secret(Paths(settings.home).secret("rescore"), lambda: secrets.token_bytes(32))
    return Rescoring(key, settings.rescore_percent)
