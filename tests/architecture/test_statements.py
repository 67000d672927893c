"""The site puts no question to the database itself: what it reads, it reads through the rooms' `queries.py`."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import Module, imported, modules

# A page takes a session and hands it on, and turns the database's errors into answers.
FOR_PAGES = ("sqlalchemy.orm.Session", "sqlalchemy.exc.", "sqlalchemy.orm.exc.")
ASKS = frozenset({"execute", "scalar", "scalars", "stream", "connection", "get_bind"})
# What other things have too (a dictionary's `get`), and so counts on a session only.
ASKS_OF_A_SESSION = frozenset(
    {
        *("add", "add_all", "delete", "expire", "expire_all", "expunge", "expunge_all", "flush", "get", "get_one"),
        *("merge", "query", "refresh"),
    }
)


def test_no_page_makes_a_statement() -> None:
    found = [
        f"{module.path}:{line} {name}"
        for module in modules("web")
        for line, name in imported(module)
        if name.startswith("sqlalchemy") and not name.startswith(FOR_PAGES)
    ]
    assert not found, "SQL belongs in the rooms' queries.py"


def test_no_page_asks_the_database_itself() -> None:
    found = [asked for module in modules("web") for asked in questions(module)]
    assert not found, "what a page reads, it reads through the rooms' queries.py"


@pytest.mark.parametrize(
    "source",
    [
        "session().scalars(query)",
        "session().get(Call, call_id)",
        "def f(given: Session):\n    given.get(Call, call_id)",
        "with database().reading() as looking:\n    looking.get(Call, call_id)",
    ],
)
def test_a_question_is_found_whatever_the_session_is_called(source: str) -> None:
    assert list(questions(Module("web/x.py", ast.parse(source))))


def test_a_dictionary_may_be_asked() -> None:
    assert not list(questions(Module("web/x.py", ast.parse("request.form.get('text'); names.get(code)"))))


def questions(module: Module) -> Iterator[str]:
    """Where something is asked of a session, or of anything by a method that only a session has."""
    sessions = {"session()", *_sessions(module)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked, of = node.func.attr, ast.unparse(node.func.value)
            if asked in ASKS or (asked in ASKS_OF_A_SESSION and of in sessions):
                yield f"{module.path}:{node.lineno} {of}.{asked}"


def _sessions(module: Module) -> Iterator[str]:
    """The names under which a module has a session: a parameter, or what a `with` gives."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.arg) and node.annotation is not None and "Session" in ast.unparse(node.annotation):
            yield node.arg
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            opened = ast.unparse(node.context_expr)
            if opened.endswith((".reading()", ".transaction()")):
                yield ast.unparse(node.optional_vars)
