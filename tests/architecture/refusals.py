"""The refusals in the source: which word each carries, and which field of a form it names."""

import ast
from collections.abc import Iterable, Iterator

from supervision.assessment.rules import CloseObjection, WeightFault
from supervision.complaints.rules import Objection as ComplaintObjection
from supervision.complaints.rules import ZeroObjection
from supervision.discipline.rules import Objection as DisciplineObjection
from supervision.early_signs.rules import Objection as SignObjection
from supervision.evaluations.rules import Objection as JudgingObjection
from supervision.findings.rules import Objection as TreatmentObjection
from supervision.handover.rules import Objection as HandoverObjection
from supervision.people.reset_rules import Objection as ResetObjection
from supervision.people.rules import PasswordFault
from supervision.people.sign_in_rules import CopyState
from supervision.rectification.rules import Objection as RectificationObjection
from supervision.regulation.rules import RegulationFault
from supervision.retention.rules import Objection as DeletionObjection
from supervision.scorecards.rules import CardFault
from tests.architecture.source import Module, modules

# What these find wrong is answered to a machine or written to a command's output, in English, as it is.
NOT_FOR_THE_SITE = (
    "supervision/backups/",
    "supervision/calls/messages.py",
    "supervision/certificates/",
    "supervision/draws/hq.py",
    "supervision/incidents/messages.py",
    "supervision/ingest/",
    "supervision/offices/description.py",
    "supervision/offices/messages.py",
    "supervision/offices/people_copy.py",
    "supervision/offices/service.py",
    "supervision/parts/",
    "supervision/people/__main__.py",
    "supervision/recordings/service.py",
    "supervision/rosters/messages.py",
    "web/intake/",
)

# What a word that is worked out can be, by where it stands and how it is written there.
WORKED_OUT: dict[tuple[str, str], Iterable[str]] = {
    ("supervision/discipline/appeals.py", "f'appeal_{against.value}'"): [
        f"appeal_{one}" for one in DisciplineObjection
    ],
    ("supervision/discipline/service.py", "f'discipline_{against.value}'"): [
        f"discipline_{one}" for one in DisciplineObjection
    ],
    ("supervision/discipline/service.py", "'too_many_grounds' if wanted else 'missing'"): (
        "missing",
        "too_many_grounds",
    ),
    ("supervision/evaluations/queue.py", "against.value"): set(JudgingObjection) - {JudgingObjection.NOT_YOURS},
    (
        "supervision/findings/service.py",
        "f'treatment_{(against or Objection.NOT_AT_THIS_STEP).value}'",
    ): [f"treatment_{one}" for one in TreatmentObjection],
    ("supervision/rectification/service.py", "f'rectification_{against.value}'"): [
        f"rectification_{one}" for one in RectificationObjection
    ],
    (
        "supervision/rectification/service.py",
        "'missing' if not wanted else 'too_many_findings'",
    ): ("missing", "too_many_findings"),
    ("supervision/assessment/service.py", "f'assessment_{against.value}'"): [
        f"assessment_{one}" for one in CloseObjection
    ],
    ("supervision/assessment/service.py", "fault.value"): WeightFault,
    ("supervision/complaints/service.py", "f'complaint_{against.value}'"): [
        f"complaint_{one}" for one in ComplaintObjection
    ],
    ("supervision/complaints/service.py", "f'complaint_{Objection.NOT_YOURS.value}'"): ("complaint_not_yours",),
    ("supervision/complaints/service.py", "f'complaint_{Objection.ABOUT_YOURSELF.value}'"): (
        "complaint_about_yourself",
    ),
    ("supervision/complaints/zero.py", "f'complaint_{Objection.NOT_YOURS.value}'"): ("complaint_not_yours",),
    ("supervision/complaints/zero.py", "f'zero_{against.value}'"): [f"zero_{one}" for one in ZeroObjection],
    ("supervision/early_signs/service.py", "f'sign_{against.value}'"): [f"sign_{one}" for one in SignObjection],
    ("supervision/handover/service.py", "f'handover_{against.value}'"): [
        f"handover_{one}" for one in HandoverObjection
    ],
    ("supervision/paging.py", "'newer' if back else 'older'"): ("newer", "older"),
    ("supervision/people/passwords.py", "fault"): PasswordFault,
    ("supervision/people/resets.py", "found"): ResetObjection,
    ("supervision/people/service.py", "where"): ("name", "office"),
    ("supervision/people/sign_ins.py", "f'people_copy_{found.state}'"): (
        f"people_copy_{state}" for state in (CopyState.MISSING, CopyState.STALE)
    ),
    # What a machine sent as JSON is answered to it in English, as it is.
    ("supervision/texts.py", "'.'.join((str(step) for step in first['loc'])) or whole"): (),
    ("supervision/regulation/service.py", "fault.value"): RegulationFault,
    ("supervision/retention/service.py", "against.value"): DeletionObjection,
    ("supervision/scorecards/service.py", "fault.value"): CardFault,
    ("web/regulation/wording.py", "value.value"): CardFault,
}
# A field whose name such a function was given: its callers, which are looked at too, say which it is.
HANDED_ON = frozenset({"name", "where", "fault.where"})
PARSERS = frozenset(
    {"optional_text", "required_text", "_needed", "_number", "_numbers", "_password", "_text", "_uuid"}
)


def refusal_words(kind: str) -> set[str]:
    """The word of each `Refused`, or `Busy`, that anything raises."""
    return {
        word
        for module in (*modules("supervision"), *modules("web"))
        for call in _calls(module)
        if ast.unparse(call.func) == kind and call.args
        for word in _words(module, call.args[0])
    }


def invalid_words() -> set[tuple[str, str]]:
    """The field of each `InvalidInput` that may come before a person, with what is wrong where that is a word.

    Where it is what was typed, the second is empty.
    """
    return {
        (where, wrong)
        for module in (*modules("supervision"), *modules("web"))
        if not module.path.startswith(NOT_FOR_THE_SITE)
        for call in _calls(module)
        for where, wrong in _invalid(module, call)
    }


def _invalid(module: Module, call: ast.Call) -> Iterator[tuple[str, str]]:
    called = ast.unparse(call.func)
    if len(call.args) < 2:
        return
    if called in {"InvalidInput", "ContentFault"}:
        for where in _fields(module, call.args[0]):
            yield from ((where, wrong) for wrong in _wrong(module, call.args[1]))
    elif called.startswith("given.") or called in PARSERS:
        place = 0 if called == "_uuid" else 1
        yield from ((where, "") for where in _fields(module, call.args[place]))


def _fields(module: Module, written: ast.expr) -> Iterable[str]:
    if ast.unparse(written) in HANDED_ON and (module.path, ast.unparse(written)) not in WORKED_OUT:
        return ()
    if isinstance(written, ast.JoinedStr) and isinstance(written.values[0], ast.Constant):
        return (str(written.values[0].value) + "1",)  # `points-…`: one of many
    return _words(module, written)


def _wrong(module: Module, written: ast.expr) -> Iterable[str]:
    """The words it can be; `""` for what was typed, which is shown as it is."""
    worked_out = (module.path, ast.unparse(written)) in WORKED_OUT
    if worked_out or isinstance(written, ast.Constant) or ast.unparse(written).endswith((".value", "fault")):
        return _words(module, written)
    return ("",)


def _words(module: Module, written: ast.expr) -> Iterable[str]:
    if isinstance(written, ast.Constant):
        return (str(written.value),)
    key = module.path, ast.unparse(written)
    assert key in WORKED_OUT, f"{module.path}:{written.lineno}: say in WORKED_OUT which words {key[1]} can be"
    return [str(word) for word in WORKED_OUT[key]]


def _calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
