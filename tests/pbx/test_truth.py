"""A tenth of `python -m bench.truth`: whatever phones do, and whatever dies meanwhile, the record is right."""

import pytest

from bench.truth.run import Shape, run

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(600)]

TENTH = Shape(calls=100, lines=40, seed=11, spinning=0, freeze_s=4.0, settle_s=70.0, sample=10)


def test_of_a_hundred_calls_at_random_every_record_is_what_the_phones_saw() -> None:
    result = run(TENTH)
    assert result.calls == TENTH.calls
    assert result.wrong == []
    assert result.heard > 0
