"""Second places of each kind that a test can have: a directory, memory, and a host reached by SSH."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest

from supervision.backups.place import Place
from supervision.errors import InvalidInput, Unavailable


class Anybody(paramiko.ServerInterface):  # type: ignore[misc]
    """Lets one key in, for SFTP."""

    def __init__(self, key: paramiko.PKey) -> None:
        self._key = key

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return int(paramiko.AUTH_SUCCESSFUL if key == self._key else paramiko.AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)


class Folder(paramiko.SFTPServerInterface):  # type: ignore[misc]
    """A folder of this machine, as an SSH server shows it."""

    root = ""

    def _path(self, path: str) -> Path:
        return Path(self.root + self.canonicalize(path))

    def list_folder(self, path: str) -> Any:
        try:
            found = list(self._path(path).iterdir())
            return [paramiko.SFTPAttributes.from_stat(one.stat(), one.name) for one in found]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: object) -> Any:
        try:
            handle = os.open(self._path(path), flags, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        opened = paramiko.SFTPHandle(flags)
        opened.readfile = opened.writefile = os.fdopen(handle, "wb" if flags & os.O_WRONLY else "rb")
        return opened

    def remove(self, path: str) -> int:
        return self._done(lambda: self._path(path).unlink())

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._path(newpath).exists():
            return int(paramiko.SFTP_FAILURE)  # as SFTP has it
        return self._done(lambda: self._path(oldpath).rename(self._path(newpath)))

    posix_rename = rename

    def mkdir(self, path: str, attr: object) -> int:
        return self._done(lambda: self._path(path).mkdir())

    def _done(self, act: Any) -> int:
        try:
            act()
        except OSError as error:
            return int(paramiko.SFTPServer.convert_errno(error.errno))
        return int(paramiko.SFTP_OK)


@pytest.fixture
def ssh_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a folder behind SSH on loopback. Its key is known; the user's key is in his folder."""
    (tmp_path / "there").mkdir()
    keys = [paramiko.RSAKey.generate(2048) for _ in range(2)]
    home = tmp_path / "me"
    (home / ".ssh").mkdir(parents=True)
    keys[1].write_private_key_file(str(home / ".ssh/id_rsa"))
    monkeypatch.setenv("HOME", str(home))
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    (home / ".ssh/known_hosts").write_text(f"[127.0.0.1]:{port} ssh-rsa {keys[0].get_base64()}\n", "ascii")
    served: list[paramiko.Transport] = []
    shown = type("Shown", (Folder,), {"root": str(tmp_path / "there")})

    def serve() -> None:
        while True:
            try:
                accepted, _ = listening.accept()
            except OSError:
                return
            transport = paramiko.Transport(accepted)
            transport.add_server_key(keys[0])
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, shown)
            transport.start_server(server=Anybody(keys[1]))
            served.append(transport)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"sftp://somebody@127.0.0.1:{port}/backups"
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()
    for transport in served:
        transport.close()


def is_a_second_place(url: str) -> None:
    place = Place(url, "hq")
    assert place.sizes("objects") == {}
    place.put_bytes("objects/aa/one", b"first")
    place.put_bytes("objects/ab/two", b"second")
    place.put_bytes("objects/aa/one", b"replaced")
    assert place.sizes("objects") == {"objects/aa/one": 8, "objects/ab/two": 6}
    assert place.read("objects/aa/one", 100) == b"replaced"
    assert place.read("objects/aa/one", 3) == b"repl"
    assert Place(url).machines() == ["hq"]
    place.remove(["objects/aa/one", "objects/aa/never"])
    assert Place(url, "hq").sizes("objects") == {"objects/ab/two": 6}
    with pytest.raises(FileNotFoundError):
        place.read("objects/aa/one", 100)


def test_a_directory_is_a_second_place(tmp_path: Path) -> None:
    is_a_second_place(f"file://{tmp_path}")
    is_a_second_place(str(tmp_path / "plain"))


def test_memory_is_one_for_tests() -> None:
    is_a_second_place("memory://place")


@pytest.mark.enable_socket
def test_a_host_behind_ssh_is_a_second_place(ssh_url: str) -> None:
    is_a_second_place(ssh_url)


@pytest.mark.enable_socket
def test_a_host_that_is_not_known_is_not_believed(ssh_url: str, tmp_path: Path) -> None:
    (tmp_path / "me/.ssh/known_hosts").write_text("")
    with pytest.raises(Unavailable, match="known_hosts"):
        Place(ssh_url.replace("/backups", "/unknown"), "hq")


def test_what_was_cut_off_while_it_was_written_is_not_there(tmp_path: Path) -> None:
    place = Place(f"file://{tmp_path}", "hq")

    def breaks(file: Any) -> None:
        file.write(b"half")
        raise OSError(5, "the disk is sick")

    with pytest.raises(Unavailable, match="the disk is sick"):
        place.put("objects/aa/one", breaks)
    assert place.sizes("objects") == {}


def test_another_kind_of_place_is_refused() -> None:
    for url in ("", "ftp://host/x", "https://host/x"):
        with pytest.raises(InvalidInput, match="not a second place"):
            Place(url)


def test_a_password_in_a_url_is_in_no_message() -> None:
    with pytest.raises(InvalidInput) as refused:
        Place("sftps://backup:hush-hush@backup.example/srv")
    assert "hush-hush" not in str(refused.value)
    assert "sftps://" in str(refused.value)
