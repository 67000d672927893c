"""The source tree as the tests of habits look at it: modules parsed once, and what stands where in them."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("supervision", "ari_app", "web", "asterisk")


@dataclass(frozen=True)
class Module:
    """One Python file, by its path from the root of the repository."""

    path: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its dotted name."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@functools.cache
def modules(package: str) -> tuple[Module, ...]:
    """All modules below a package."""
    paths = sorted((ROOT / package).rglob("*.py"))
    return tuple(Module(str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))) for path in paths)


def ours() -> Iterator[Module]:
    """All modules of the four packages that make the system."""
    for package in PACKAGES:
        yield from modules(package)


def rules() -> Iterator[Module]:
    """The modules that hold rules only: `rules.py`, `…_rules.py`, and those that say so of themselves."""
    for module in modules("supervision"):
        says_so = "a pure rule" in (ast.get_docstring(module.tree) or "")
        if module.path.endswith(("/rules.py", "_rules.py")) or says_so:
            yield module


def imported(module: Module) -> Iterator[tuple[int, str]]:
    """What a module imports, as line and dotted name; for `from a import b` that is `a.b`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module or ''}.{alias.name}") for alias in node.names)


def method_calls(module: Module, method: str) -> Iterator[int]:
    """The lines on which something's method of that name is called."""
    yield from _all_method_calls(module).get(method, ())


@functools.cache
def _all_method_calls(module: Module) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.setdefault(node.func.attr, []).append(node.lineno)
    return found


def built_paths(module: Module) -> Iterator[int]:
    """The lines on which a path is put together: something divided by a text, or joined to one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            right = node.right
            if isinstance(right, ast.JoinedStr) or (
                isinstance(right, ast.Constant) and isinstance(right.value, str)
            ):
                yield node.lineno
    yield from method_calls(module, "joinpath")


def public_without_docstring(module: Module) -> Iterator[str]:
    """Public functions, classes and methods of public classes that do not say what they are."""
    if not ast.get_docstring(module.tree):
        yield module.path
    for name, node in _public(module.tree, ""):
        if not ast.get_docstring(node):
            yield f"{module.path}:{node.lineno} {name}"


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(body: ast.Module | ast.ClassDef, inside: str) -> Iterator[tuple[str, Definition]]:
    for node in body.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith(
            "_"
        ):
            continue
        if isinstance(node, ast.ClassDef) or not _only_asked_for(node):
            yield inside + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _public(node, f"{node.name}.")


def _only_asked_for(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is `...` only: what a Protocol asks for, which its class explains."""
    last = node.body[-1]
    return len(node.body) == 1 and isinstance(last, ast.Expr) and ast.unparse(last) == "..."
