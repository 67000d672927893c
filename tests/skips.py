"""In CI nothing is skipped because the machine lacks something: such a skip is a failure there.

On a developer's machine a missing program, right or kernel feature skips the tests that need it. In CI (the
environment variable `CI` is `true`) the same would be a test that nobody runs, and that nobody misses.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest

MEANT = "may_be_skipped"


def in_ci() -> bool:
    """Whether this is CI, by the variable that every CI service sets."""
    return os.environ.get("CI", "").lower() == "true"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", f"{MEANT}(reason): this test's skip is no failure in CI, and why")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that was skipped have failed; an expected failure is no skip."""
    report = yield
    if not hasattr(report, "wasxfail") and item.get_closest_marker(MEANT) is None:
        _refuse(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let a whole file that was skipped have failed."""
    report = yield
    _refuse(report)
    return report


def _refuse(report: Any) -> None:
    if report.skipped and in_ci():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"In CI nothing is skipped. {reason}"
