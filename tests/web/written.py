"""The names under which acts write what they did, as they stand in the source; for the words of the audit log."""

import ast
import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.architecture.source import Module, modules

Function = ast.FunctionDef | ast.AsyncFunctionDef
RECORD, DETAIL = "supervision.audit.service.record", 4  # which argument of it the detail is


@dataclass
class Written:
    """The names that were found, and what could not be followed to where its names stand."""

    names: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


def names_in_details() -> Written:
    """Every name in the detail of an audit entry, nested ones too, of all places that call `record`.

    A function that hands its own parameter on to `record` counts as `record` for those who call it.
    """
    sources = [one for package in ("supervision", "web", "ari_app") for one in modules(package)]
    found, recorders, before = Written(), {RECORD: DETAIL}, 0
    while len(recorders) != before:
        before, found = len(recorders), Written()
        for module in sources:
            known = {name: recorders[whole] for name, whole in _visible(module).items() if whole in recorders}
            for function in _functions(module.tree):
                for call in _calls(function, known):
                    _Place(module, function, recorders, found).detail_of(call, known[_name(call)])
    return found


@dataclass
class _Place:
    module: Module
    function: Function
    recorders: dict[str, int]
    found: Written
    seen: set[str] = field(default_factory=set)

    def detail_of(self, call: ast.Call, n: int) -> None:
        """The names in the argument of that number; or, where it is handed on, one recorder more."""
        self._names(call.args[n], self.function)

    def _names(self, value: ast.expr, function: Function) -> None:
        """The names of a mapping, and of the mappings in it."""
        if isinstance(value, ast.Dict):
            for key, inner in zip(value.keys, value.values, strict=True):
                if isinstance(key, ast.Constant):
                    self.found.names.add(str(key.value))
                    self._inner(inner, function)
                else:
                    self._names(inner, function)
        elif isinstance(value, ast.Name) and function is self.function and value.id in _parameters(function):
            self.recorders[f"{self.module.name}.{function.name}"] = _parameters(function).index(value.id)
        elif isinstance(value, ast.Name) and (given := list(_given(function, value.id))):
            if value.id not in self.seen:  # it may be made of what it was before
                self.seen.add(value.id)
                for one in given:
                    self._names(one, function)
        elif isinstance(value, ast.Call) and (called := self._own(value)):
            for one in _returned(called):
                self._names(one, called)
        else:
            self.found.unknown.add(f"{self.module.path} {function.name}: {ast.unparse(value)}")

    def _inner(self, value: ast.expr, function: Function) -> None:
        called = self._own(value) if isinstance(value, ast.Call) else None
        if isinstance(value, ast.Dict) or (called and any(isinstance(one, ast.Dict) for one in _returned(called))):
            self._names(value, function)

    def _own(self, call: ast.Call) -> Function | None:
        wanted = _name(call)
        return next((one for one in _functions(self.module.tree) if one.name == wanted), None)


def _parameters(function: Function) -> list[str]:
    return [one.arg for one in function.args.args]


@functools.cache
def _visible(module: Module) -> dict[str, str]:
    """The functions that a module defines or imports by name, by their whole names."""
    found = {one.name: f"{module.name}.{one.name}" for one in _functions(module.tree)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return found


@functools.cache
def _functions(tree: ast.AST) -> tuple[Function, ...]:
    return tuple(one for one in ast.walk(tree) if isinstance(one, Function))


@functools.cache
def _all_calls(function: Function) -> tuple[ast.Call, ...]:
    return tuple(one for one in ast.walk(function) if isinstance(one, ast.Call))


def _calls(function: Function, recorders: Mapping[str, int]) -> Iterable[ast.Call]:
    return [one for one in _all_calls(function) if _name(one) in recorders]


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _given(function: Function, name: str) -> Iterator[ast.expr]:
    """What is given to a variable, by itself or as one of several."""
    for node in ast.walk(function):
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets: list[ast.expr] = [node.target]
            values = node.value
        elif isinstance(node, ast.Assign):
            targets, values = node.targets, node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield values
            elif isinstance(target, ast.Tuple) and isinstance(values, ast.Tuple):
                for one, value in zip(target.elts, values.elts, strict=True):
                    if isinstance(one, ast.Name) and one.id == name:
                        yield value


def _returned(function: Function) -> Iterator[ast.expr]:
    return (one.value for one in ast.walk(function) if isinstance(one, ast.Return) and one.value is not None)
