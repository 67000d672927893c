"""The conventions that a machine can check (style.md), each exception with its reason."""

import ast
import re
import sys

from tests.architecture.source import (
    ROOT,
    built_paths,
    imported,
    method_calls,
    modules,
    ours,
    public_without_docstring,
    rules,
)

ROOMS_WITH_TASKS = (
    "assessment",
    "audit",
    "backups",
    "caller_requests",
    "discipline",
    "complaints",
    "draws",
    "early_signs",
    "evaluations",
    "exchange",
    "findings",
    "handover",
    "listening",
    "machines",
    "mail",
    "people",
    "quotas",
    "reconcile",
    "recordings",
    "rectification",
    "retention",
    "rosters",
    "workdays",
)

# Where a transaction is begun: one place in each kind of process (habit 2).
EDGES = {
    **{f"supervision/{room}/tasks.py": "the runner of a task" for room in ROOMS_WITH_TASKS},
    "supervision/incidents/set_aside.py": "what broke is named after its own transaction was rolled back",
    "supervision/reconcile/scrub.py": "the runner of the scrub: claimed, looked through, written down",
    "supervision/people/__main__.py": "a command: one transaction, then it ends",
    "supervision/reconcile/__main__.py": "a command: one look, one transaction, then it ends",
    "supervision/backups/__main__.py": "a command: one verification or restore, written down",
    "supervision/backups/making.py": "a command: what was made is written down when it is there",
    "supervision/backups/postgres.py": "a moment of PostgreSQL's log is the commit of a transaction of its own",
    "supervision/database.py": "defines it",
    "ari_app/__main__.py": "fills the store from office.yaml before anything runs",
    "ari_app/store_writer.py": "the handler of a call event",
    "web/unit.py": "the wrapper of a request, of the site and of the intake",
    "web/sign_ins.py": "keeps a session alive on its own, whatever becomes of the request",
    "web/live/sending.py": "what is about to leave is written down before it does",
    "web/recordings/views.py": "the listening is committed before the first byte leaves",
    "ari_app/uplink/streams.py": "the one loop of what is exchanged with headquarters",
    "ari_app/uplink/parts.py": "what headquarters has of the recordings",
    "supervision/worker_faults.py": "what breaks in the worker as a whole",
    "web/intake/floods.py": "a refusal of what one office sends too much of, which no request wrote down",
}

PATH_BUILDERS = {
    "supervision/paths.py": "every path below a node's home",
    "supervision/settings.py": "the default database's URL, which is a setting",
    "supervision/store.py": "the migrations beside the code",
    "supervision/version.py": "the name of the release beside the code",
    "supervision/check/machine_facts.py": "the machine's own, outside any home",
    "supervision/check/queries.py": "the same",
    "web/language.py": "the translations beside the code",
    "asterisk/cache.py": "the cache for what is made once, outside any home",
    "asterisk/ports.py": "the ledger of ports, shared by all homes of this machine",
    "asterisk/root.py": "inside the PBX root, outside any home",
    "asterisk/render.py": "Asterisk's own files below Paths.asterisk, named as Asterisk wants them",
    "asterisk/runtime.py": "the same, and inside the PBX root",
    "asterisk/sounds.py": "the same for prompts",
    "asterisk/gateways/sheets.py": "sheets for a technician, in a folder that he names",
}

LONGEST = 400
LONGER = {
    "supervision/migrations/versions/0001_baseline.py": "a release's whole schema in one step",
    "web/static/css/components.css": "one sheet of short rules, component by component, without logic",
}
FOLDERS = ("supervision", "ari_app", "web", "asterisk", "demo", "bench", "scripts", "tests")
OTHER_TEXTS = (".md", ".toml", ".yaml", ".conf", ".po")
ISSUE = re.compile(r"(?i)\bissues? #?\d")
SOURCE = (".py", ".js", ".mjs", ".css", ".html", ".sh", ".j2")


def test_services_never_commit() -> None:
    # database.py defines a transaction; migrations run in Alembic's.
    rooms = [
        m for m in modules("supervision") if not m.path.startswith(("supervision/database", "supervision/migr"))
    ]
    found = [
        f"{module.path}:{line}"
        for module in rooms
        for method in ("commit", "rollback", "begin")
        for line in method_calls(module, method)
    ]
    assert not found, "the caller commits, by `with db.transaction()` (habit 2)"


def test_transactions_begin_at_the_edges_only() -> None:
    users = {module.path for module in ours() if any(method_calls(module, "transaction"))}
    assert users <= EDGES.keys(), "a service takes the session first and begins nothing (habit 2)"
    assert EDGES.keys() - users <= {"supervision/database.py"}, "an exception that is no longer needed goes"


def test_the_log_is_set_up_in_one_place() -> None:
    texts = {module.path: (ROOT / module.path).read_text("utf-8") for module in ours()}
    found = {path for path, text in texts.items() if re.search(r"structlog\.configure\(|basicConfig\(", text)}
    assert found == {"supervision/logs.py"}, "every process logs alike, by set_up_logging"


def test_nothing_names_an_issue() -> None:
    files = [path for folder in (*FOLDERS, "docs") for path in (ROOT / folder).rglob("*")]
    files = [path for path in (*files, *ROOT.iterdir()) if path.suffix in {*SOURCE, *OTHER_TEXTS}]
    texts = [path for path in (*files, ROOT / "Makefile") if "vendor" not in path.parts]
    named = [str(path.relative_to(ROOT)) for path in texts if ISSUE.search(path.read_text("utf-8"))]
    assert not named, "a reader does not have the issues: say what it was about"


def test_no_exception_is_caught_without_a_name() -> None:
    found = [
        f"{module.path}:{node.lineno}"
        for module in ours()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert not found, "never a bare except (habit 5)"


def test_paths_are_built_in_one_module() -> None:
    builders = {module.path: list(built_paths(module)) for module in ours()}
    found = {path: lines for path, lines in builders.items() if lines and path not in PATH_BUILDERS}
    assert not found, "every path on disk is built in supervision/paths.py (habit 8)"
    assert all(builders[path] for path in PATH_BUILDERS), "an exception that is no longer needed goes"


def test_rules_import_only_the_standard_library_and_other_rules() -> None:
    known = {module.name for module in rules()}
    assert {"supervision.calls.rules", "supervision.calls.caller_rules"} <= known
    found = [
        f"{module.path}:{line} {name}"
        for module in rules()
        for line, name in imported(module)
        if name.split(".")[0] not in sys.stdlib_module_names and not {name, name.rpartition(".")[0]} & known
    ]
    assert not found, "a rule is a pure function on plain data (habit 1)"


def test_everything_public_says_what_it_is() -> None:
    # A migration's two functions are Alembic's, and its first line says what it does.
    found = [
        what
        for module in ours()
        if not module.path.startswith("supervision/migrations/")
        for what in public_without_docstring(module)
    ]
    assert not found


def test_no_file_is_longer_than_one_can_read() -> None:
    long = {path: lines for path, lines in lengths().items() if lines > LONGEST and path not in LONGER}
    assert not long, f"hardly a file over {LONGEST} lines (habit 8)"
    assert all(lengths().get(path, 0) > LONGEST for path in LONGER), "an exception that is no longer needed goes"


def lengths() -> dict[str, int]:
    """The lines of every source file of ours."""
    files = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SOURCE)
    ours_only = (path for path in files if "vendor" not in path.parts)
    return {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in ours_only}
