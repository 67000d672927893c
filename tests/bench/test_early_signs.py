"""The two errors of the rule for early signs, small: the whole is `python -m bench.early_signs`."""

import numpy as np

from bench.early_signs import all_rise, doubling, quiet


def test_quiet_years_have_hardly_a_sign_and_a_doubling_is_seen_within_four_weeks() -> None:
    chance = np.random.default_rng(16)
    assert quiet(chance, 20) <= 1
    assert quiet(chance, 20, varies=0.2) <= 3
    assert doubling(chance, 15, 40)[-1] >= 0.9
    bureau, office = all_rise(chance, 20)
    assert bureau == 20
    assert office <= 3
