"""A test awaits an event: it does not sleep for a while and hope that it was long enough (style.md)."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Module, method_calls, modules

# A pause that is no part of a loop that asks: where it is what is tested, or only makes something slow.
PAUSES = {
    "tests/torture/proxy.py": "a slow link is what it makes",
    "tests/torture/talking.py": "the pace of calls in progress; its callers look again",
    "tests/recordings/test_worker.py": "encoding is made slow, so that workers meet; it holds however slow it is",
    "tests/pbx/test_hold.py": "how long people talk and hold is what the call is made of",
    "tests/pbx/test_media.py": "how long people talk is what the call is made of",
}
SLEEPS = ("sleep", "wait_for_timeout")
# Playwright has the page evaluate an expression at each look, which our policy forbids; a function, only once.
IN_THE_PAGE = {
    "tests/browser/waiting.py": "makes a function of any condition",
    "bench/reviewing.py": "its conditions are functions",
}


def test_a_test_pauses_only_between_two_looks() -> None:
    found = {module.path: [*pauses(module)] for module in modules("tests")}
    assert not {path: lines for path, lines in found.items() if lines and path not in PAUSES}
    assert all(found[path] for path in PAUSES), "an exception that is no longer needed goes"


def test_what_is_awaited_in_a_page_is_awaited_in_one_place() -> None:
    waiting = {
        module.path
        for package in ("tests", "bench", "demo")
        for module in modules(package)
        if any(method_calls(module, "wait_for_function"))
    }
    assert waiting == IN_THE_PAGE.keys(), "by tests.browser.waiting.until"


def pauses(module: Module) -> Iterator[int]:
    """The lines on which something sleeps outside of a `while` that looks again."""
    sleeps = {line for name in SLEEPS for line in method_calls(module, name)}
    asking = (node for node in ast.walk(module.tree) if isinstance(node, ast.While))
    return iter(sorted(sleeps - {line for loop in asking for line in range(loop.lineno, end_of(loop) + 1)}))


def end_of(loop: ast.While) -> int:
    return loop.end_lineno or loop.lineno
