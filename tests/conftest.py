"""For all tests: databases by fixture, no sockets but for those that say so, and no skips in CI."""

import os

import pytest
import pytest_socket
from hypothesis import settings
from structlog.dev import ConsoleRenderer, plain_traceback

pytest_plugins = ("pytester", "tests.made_once", "tests.postgres", "tests.skips", "tests.store_fixtures")

# How long an example takes is no property of it: a busy machine would fail any.
# In CI (`CI=true`) Hypothesis takes the same examples each time, by a profile of its own on which this one rests.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

OPEN = ("pbx", "browser", "hosts", "enable_socket")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let unix sockets be: event loops and PostgreSQL need them."""
    config.addinivalue_line("markers", "hosts: reaches machines that the test booted")
    os.environ["SUPERVISION_DISK_LEVELS"] = ""  # a test machine's own disk is no incident; a test of it says so
    # Where `rich` is on the machine it colours the source around each line of a traceback: seconds an exception.
    ConsoleRenderer.get_active().exception_formatter = plain_traceback


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close the sockets before the fixtures are made, unless the test is one that needs them."""
    if any(item.get_closest_marker(name) for name in OPEN):
        pytest_socket.enable_socket()
    else:
        pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Open them again for whatever comes between tests."""
    pytest_socket.enable_socket()
