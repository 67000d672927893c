"""A test that is skipped for what the machine lacks fails in CI, and only there."""

import pytest

FILE = """
    import pytest

    lacks = pytest.mark.skipif(True, reason="no such program here")

    @lacks
    def test_by_a_mark(): ...

    def test_in_its_body():
        pytest.skip("no such right here")

    @pytest.fixture
    def program():
        pytest.skip("no such program here")

    def test_in_a_fixture(program): ...

    @pytest.mark.xfail(reason="not yet", strict=True)
    def test_that_is_expected_to_fail():
        assert False

    def test_that_runs(): ...
"""
WHOLE_FILE = """
    import pytest
    pytest.skip("no such kernel here", allow_module_level=True)
"""
MEANT = """
    import pytest

    @pytest.mark.may_be_skipped("there is nothing to test before the year 2100")
    @pytest.mark.skipif(True, reason="too early")
    def test_of_the_next_century(): ...
"""


def outcomes(pytester: pytest.Pytester, text: str) -> tuple[dict[str, int], str]:
    pytester.makepyfile(text)
    result = pytester.runpytest_inprocess("-p", "tests.skips", "--strict-markers")
    return result.parseoutcomes(), result.stdout.str()


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_in_ci_a_test_that_is_skipped_by_mark_body_or_fixture_fails_and_says_what_is_missing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    counts, said = outcomes(pytester, FILE)
    assert counts == {"failed": 1, "errors": 2, "xfailed": 1, "passed": 1}
    for missing in ("no such program here", "no such right here"):
        assert f"In CI nothing is skipped. Skipped: {missing}" in said


def test_in_ci_a_whole_file_that_is_skipped_fails(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    counts, said = outcomes(pytester, WHOLE_FILE)
    assert counts == {"errors": 1}
    assert "no such kernel here" in said


def test_in_ci_a_skip_that_is_meant_stays_a_skip(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    counts, _ = outcomes(pytester, MEANT)
    assert counts == {"skipped": 1}


@pytest.mark.parametrize(("text", "skipped"), [(FILE, 3), (WHOLE_FILE, 1), (MEANT, 1)])
def test_elsewhere_a_skip_is_a_skip(pytester: pytest.Pytester, text: str, skipped: int) -> None:
    counts, _ = outcomes(pytester, text)
    assert counts.get("skipped") == skipped
    assert "failed" not in counts
    assert "errors" not in counts
