"""A real office on loopback for each test, or one for a module where the story allows it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.office import LoopbackOffice
from tests.pbx.plugged import desk_of, port_of, row_of_lines
from tests.pbx.softphone import Softphone
from tests.pbx.stories import description

Make = Callable[..., LoopbackOffice]
Plug = Callable[..., Softphone]
# Modules that take a minute and more. Begun last, one of them keeps the processes beside it waiting.
LONGEST = ("test_truth", "test_faults", "test_two_recorders", "test_reconciled", "test_turned_away")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest; the others stay in their order (`--no-loadscope-reorder`)."""
    first = {f"tests/pbx/{name}.py": n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(item.nodeid.partition("::")[0], len(first)))


@pytest.fixture(autouse=True)
def _real_sockets(socket_enabled: None) -> None:
    """These tests speak to a real Asterisk on loopback."""


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for Asterisk's control socket."""
    folder = Path(tempfile.mkdtemp(prefix="o."))
    yield folder
    if not os.environ.get("SUPERVISION_KEEP_TEST_FOLDERS"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_office(short_folder: Path) -> Iterator[Make]:
    """Makes and starts an office; stopped at the end of the test."""
    running: list[LoopbackOffice] = []

    def make(
        what: dict[str, Any] | None = None,
        prepare: Callable[[LoopbackOffice], None] = lambda office: None,
        **options: Any,
    ) -> LoopbackOffice:
        office = LoopbackOffice(short_folder / f"n{len(running)}", what or description(), **options)
        running.append(office)
        prepare(office)
        office.__enter__()
        return office

    yield make
    for office in running:
        office.stop()


@pytest.fixture
def office(make_office: Make) -> LoopbackOffice:
    """One office with two lines, two duty desks and a leader's desk, whose rings last one second."""
    return make_office()


@pytest.fixture(scope="module")
def row(request: pytest.FixtureRequest) -> Iterator[LoopbackOffice]:
    """One office for the tests of a module, each on lines of its own; the module's ROW says how many, and more."""
    options = dict(request.module.ROW)
    folder = Path(tempfile.mkdtemp(prefix="o."))
    lines = row_of_lines(options.pop("lines"), options.pop("ports", 1), options.pop("others", None))
    with LoopbackOffice(folder / "n", lines, **options) as office:
        yield office
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def plug() -> Iterator[Plug]:
    """Plugs in softphones, a line's port ("07-1") or a desk ("801"); unplugged at the end of the test."""
    plugged: list[Softphone] = []

    def one(office: LoopbackOffice, who: str, **options: Any) -> Softphone:
        phone = port_of(office, who, **options) if "-" in who else desk_of(office, who, **options)
        plugged.append(phone)
        return phone

    yield one
    for phone in plugged:
        phone.unplug()
