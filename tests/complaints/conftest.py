"""The town at work, on both databases."""

from tests.evaluations.conftest import work

__all__ = ["work"]
