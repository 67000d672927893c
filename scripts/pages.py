"""Makes the tables of docs/operate that follow from the code: `.venv/bin/python -m scripts.pages`.

Settings come from supervision/settings.py, incidents from the table of causes; what the code does not say (Chinese
texts, what an operator should do) is in the two YAML files beside the pages. Only what stands between the two
comments of a page is replaced; the prose around it is written by hand.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from flask_babel import force_locale

from supervision.incidents.rules import Cause, Ends
from supervision.settings import Settings
from web import language
from web.incidents import wording
from web.language import Language

OPERATE = Path(__file__).parents[1] / "docs/operate"
BEGIN = "<!-- made by python -m scripts.pages: do not edit between these comments -->"
END = "<!-- end of what is made -->"
SUFFIX = {Language.ENGLISH: ".md", Language.CHINESE: ".zh-CN.md"}

BRACKETS = {Language.ENGLISH: "{} ({})", Language.CHINESE: "{}（{}）"}
NONE = {Language.ENGLISH: ("*none, must be set*", "*empty*"), Language.CHINESE: ("*无，必须设置*", "*空*")}


CLOSED_BY = {
    Ends.WHEN_OVER: ("heals", "自行恢复"),
    Ends.WHEN_AGREED: ("heals, or a person", "自行恢复，或由人办结"),
    Ends.WHEN_SEALED: ("heals, or a person", "自行恢复，或由人办结"),
    Ends.AT_ONCE: ("at once", "写入时即已恢复"),
    Ends.BY_HAND: ("a person †", "由人办结 †"),
}


def settings_table(spoken: Language) -> Iterator[str]:
    """Every setting with its default and meaning."""
    is_chinese = spoken is Language.CHINESE
    required, empty = NONE[spoken]
    known = {
        name: (required if field.is_required() else _shown(field.default) or empty, field.description or "")
        for name, field in Settings.model_fields.items()
    }
    chinese = read("settings.yaml")
    yield _row(("变量", "默认值", "含义") if is_chinese else ("variable", "default", "meaning"))
    yield _row(("---",) * 3)
    for name, (default, meaning) in known.items():
        yield _row((f"`SUPERVISION_{name.upper()}`", default, chinese[name] if is_chinese else meaning))


def incident_tables(spoken: Language) -> Iterator[str]:
    """Every cause, by subject: what the screen says, what it means, what to do, how it ends."""
    key, n = ("zh", 1) if spoken is Language.CHINESE else ("en", 0)
    heads = (
        ("cause", "on the screen", "what it means", "what to do", "closed by"),
        ("原因", "页面显示", "含义", "怎么办", "如何结束"),
    )
    causes = {cause.value: cause for cause in Cause}
    for group in read("incidents.yaml"):
        yield from (f"### {group[key]}", "", _row(heads[n]), _row(("---",) * 5))
        for name, texts in group["causes"].items():
            cause, (meaning, to_do) = causes[name], texts[key]
            shown = BRACKETS[spoken].format(wording.cause(cause), wording.kind(cause.kind))
            yield _row((f"`{name}`", shown, meaning, to_do, CLOSED_BY[cause.ends][n]))
        yield ""


def pages() -> dict[Path, str]:
    """Each page that has made tables, as it should be."""
    made = {}
    for spoken in Language:
        for name, table in {"settings": settings_table, "incidents": incident_tables}.items():
            path = OPERATE / f"{name}{SUFFIX[spoken]}"
            with _speaking(spoken):
                made[path] = filled(path.read_text("utf-8"), table(spoken))
    return made


def filled(page: str, lines: Iterable[str]) -> str:
    """The page with these lines between its two comments."""
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    table = "\n".join(lines).strip()
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(default: object) -> str:
    text = str(default).lower().removesuffix(".0")
    return f"`{text}`" if text else ""


def read(name: str) -> Any:
    """What one of the YAML files beside the pages says."""
    return yaml.safe_load((OPERATE / name).read_text("utf-8"))


@contextmanager
def _speaking(spoken: Language) -> Iterator[None]:
    """What the site says, in this language."""
    app = Flask("pages")
    app.extensions["settings"] = Settings(home=Path(tempfile.gettempdir()))
    language.install(app)
    with app.test_request_context(), force_locale(spoken):
        yield


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, "utf-8")
