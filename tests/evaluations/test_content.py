"""What a page may send, and that it comes back as it was."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.evaluations.content_rules import (
    Content,
    ContentFault,
    DraftFinding,
    DraftMark,
    content_json,
    parse_content,
)
from supervision.evaluations.rules import Category, FindingKind

TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=50)
MARKS = st.builds(DraftMark, st.none() | st.integers(0, 100), st.booleans(), TEXT) | st.builds(
    DraftMark, remark=TEXT, not_applicable=st.just(True)
)
FINDINGS = st.builds(
    DraftFinding,
    st.uuids(),
    st.floats(0, 86400).map(lambda s: round(s, 1)),
    st.sampled_from(FindingKind),
    st.sampled_from(Category),
    TEXT,
    st.none() | st.uuids(),
)
CONTENTS = st.builds(
    Content,
    st.dictionaries(st.uuids(), MARKS, max_size=5),
    st.lists(FINDINGS, max_size=5, unique_by=lambda f: f.key).map(tuple),
    TEXT,
)


@given(CONTENTS)
def test_what_was_written_comes_back_as_it_was(content: Content) -> None:
    assert parse_content(content_json(content)) == content


FINDING = {"key": str(uuid.uuid4()), "at_s": 3, "kind": "breach", "category": "manner"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"marks": []},
        {"marks": {"x": {}}},
        {"marks": {str(uuid.uuid4()): {"points": 101}}},
        {"marks": {str(uuid.uuid4()): {"points": True}}},
        {"marks": {str(uuid.uuid4()): {"points": "9"}}},
        {"marks": {str(uuid.uuid4()): 3}},
        {"findings": {}},
        {"findings": [3]},
        {"findings": [{**FINDING, "at_s": -1}]},
        {"findings": [{**FINDING, "at_s": float("nan")}]},
        {"findings": [{**FINDING, "kind": "joke"}]},
        {"findings": [{**FINDING, "clause_id": "x"}]},
        {"findings": [FINDING, FINDING]},
        {"findings": [FINDING] * 101},
        {"remark": 3},
        {"remark": "x" * 1001},
        {"remark": "a\x00b"},
        {"remark": "\ud800"},
    ],
)
def test_what_nobody_can_have_written_is_refused(data: Any) -> None:
    with pytest.raises(ContentFault):
        parse_content(data)
