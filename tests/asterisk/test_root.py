from pathlib import Path

import pytest

from asterisk import root
from asterisk.cache import MissingPart, once


@pytest.mark.parametrize(
    ("answer", "enough"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", True),
        ("Asterisk 22.11.0", True),
        ("Asterisk 23.0", True),
        ("Asterisk 22.10.0", False),
        ("Asterisk 22.9.3", False),
        ("Asterisk 18.26.4~dfsg", False),
        ("command not found", False),
    ],
)
def test_only_an_asterisk_with_the_fixed_advisories_is_taken(answer: str, enough: bool) -> None:
    assert root.new_enough(answer) is enough


def test_the_mirror_is_the_plain_archive_and_not_a_security_or_foreign_one() -> None:
    lines = (
        "http://mirror.test/debian-security/|bookworm-security|main\n"
        "http://elsewhere.test/node|nodistro|main\n"
        "http://mirror.test/debian/|bookworm|contrib\n"
        "http://mirror.test/debian/|bookworm|main\n"
    )
    assert root.choose_mirror(lines) == "http://mirror.test/debian/"
    assert root.choose_mirror("http://mirror.test/debian-security/|bookworm-security|main\n") is None


def test_the_roots_folder_is_named_by_environment_or_by_its_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPERVISION_RUNTIME", str(tmp_path))
    monkeypatch.delenv("SUPERVISION_PBX_ROOT", raising=False)
    first = root.root_folder()
    monkeypatch.setattr(root, "PACKAGES", (*root.PACKAGES, "tcpdump"))
    assert root.root_folder() != first
    assert root.root_folder().parent == tmp_path
    monkeypatch.setenv("SUPERVISION_PBX_ROOT", str(tmp_path / "mine"))
    assert root.root_folder() == tmp_path / "mine"


def test_a_user_without_a_range_of_ids_sees_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "nobody-here")
    monkeypatch.setattr("os.geteuid", lambda: 987654321)
    monkeypatch.setattr(root, "program", lambda name, _package: name)
    monkeypatch.setattr(root, "output_of", lambda *_args, **_kwargs: "")
    with pytest.raises(
        MissingPart, match=r"nobody-here has no range in /etc/subuid: usermod .*; or install Asterisk"
    ):
        root.check_user_namespaces()


def test_without_user_namespaces_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_args: object, **_kwargs: object) -> str:
        raise MissingPart("unshare failed with 1: unshare failed: Operation not permitted")

    monkeypatch.setattr(root, "output_of", denied)
    with pytest.raises(MissingPart, match=r"does not let an ordinary user make user namespaces.*as root"):
        root.check_user_namespaces()


def test_a_half_made_folder_is_never_taken_for_a_whole_one(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").touch()
        raise MissingPart("the line went down")

    with pytest.raises(MissingPart):
        once(tmp_path / "made", fails)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.lock"]
    assert once(tmp_path / "made", lambda folder: (folder / "whole").touch()).joinpath("whole").exists()
    once(tmp_path / "made", fails)
