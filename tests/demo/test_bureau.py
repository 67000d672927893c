"""The demo's offices are three of a kind, and its calls go to lines and desks that they have."""

import random
from itertools import islice

import pytest

from demo.bureau import MOST_OFFICES, descriptions
from demo.tour import Visit, endless_visits, five_visits
from supervision.offices.description import OfficeDescription


def offices() -> list[OfficeDescription]:
    return [OfficeDescription.model_validate(one) for one in descriptions(MOST_OFFICES)]


def test_three_offices_share_no_code_name_line_number_or_person() -> None:
    three = offices()
    assert len(three) == 3
    lines = [line for office in three for line in office.lines]
    for said in (
        [office.office.code for office in three],
        [office.office.name for office in three],
        [line.key for line in lines],
        [line.number for line in lines],
        [desk.officer.login for office in three for desk in office.desks if desk.officer],
        [desk.officer.name for office in three for desk in office.desks if desk.officer],
    ):
        assert len(set(said)) == len(said) >= 3, said


def test_one_office_is_the_demos_own() -> None:
    assert descriptions(1) == descriptions(3)[:1]


@pytest.mark.parametrize("office", offices(), ids=lambda office: office.office.code)
def test_every_call_is_for_a_line_and_a_desk_of_its_office(office: OfficeDescription) -> None:
    code, dice = office.office.code, random.Random(1)  # noqa: S311 - to be repeated
    visits: list[Visit] = [visit for of_line in five_visits(code).values() for visit in of_line]
    for visit in [*visits, *islice(endless_visits(code, dice), 50)]:
        (line,) = [line for line in office.lines if line.key == visit.line_key]
        assert visit.desk in {None, *line.desks, line.leader}
    assert len(visits) == 5
