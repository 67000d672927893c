"""An office description is refused with the key that is wrong, and never half taken."""

import pytest
import yaml

from supervision.errors import InvalidInput
from supervision.offices.description import parse_description
from tests.pbx.stories import description


def text(**line: object) -> str:
    return yaml.safe_dump(description(**line), allow_unicode=True)


def test_a_right_description_is_taken_as_it_is() -> None:
    office = parse_description(text())
    assert [line.key for line in office.lines] == ["07-1", "07-2"]
    assert office.lines[0].duty_ring_s == 3
    assert office.lines[0].leader_ring_s == 7


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"leader": "999"}, "line 07-1 names desk 999"),
        ({"leader": "801"}, "the leader's desk is one of the duty desks"),
        ({"ring_s": 0}, "lines[0].ring_s"),
        ({"leader_from_ring": 12}, "leader_from_ring lies after last_ring"),
        ({"number": "1;rm"}, "lines[0].number"),
        ({"key": "../../etc"}, "lines[0].key"),
        ({"key": "07-1"}, "lines: key 07-1 is given twice"),
        ({"gateway": {"account": "a", "address": "127.0.0.1"}}, "give either account, or address"),
        ({"gateway": {"address": "127.0.0.1"}}, "give header and value as well"),
        ({"gateway": {"address": "127.0.0.1", "header": "X-P\nEvil", "value": "1"}}, "gateway.header"),
        ({"gateway": {"account": "801"}}, "SIP endpoint 801 is given twice"),
        ({"colour": "red"}, "lines[0].colour"),
        ({"desks": ["801", "801"]}, "a duty desk is named twice"),
        ({"desks": []}, "lines[0].desks"),
    ],
)
def test_a_fault_is_named_with_its_key(line: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_description(text(**line))
    assert said in str(refusal.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_description("office: {code: x, name: ''}\nlines: []\ndesks: []")
    for key in ("office.code", "office.name", "lines", "desks"):
        assert key in str(refusal.value)


@pytest.mark.parametrize("broken", ["{", "- 1\n- 2", "", "office: [1"])
def test_what_is_no_description_at_all_is_refused_in_words(broken: str) -> None:
    with pytest.raises(InvalidInput):
        parse_description(broken)
