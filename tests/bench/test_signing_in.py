"""The arithmetic of the bench of a stranger at the sign-in."""

from collections import Counter

from bench import signing_in


def test_a_siege_is_reported_with_what_should_not_have_been() -> None:
    answers, pages = Counter({422: 3, 429: 157}), Counter({200: 3})
    siege = signing_in.Siege("one address", answers, 1.25, [0.1, 0.2, 0.3], pages, 0.5)
    row = signing_in.report([siege]).splitlines()[2].split()
    assert row == ["one", "address", "422:3", "429:157", "1.2", "3", "0.200", "0.300", "0.50"]
    assert siege.faults == []
    siege.answers[500], siege.pages_s, siege.owner_s = 1, [1.5], None
    assert siege.faults == [
        "one address: somebody got a 500",
        "one address: a page took 1.50 s",
        "one address: the owner did not get in",
    ]
