"""The office's image, built from this checkout without a daemon, a registry or a network for its packages."""

import json

import pytest

from tests.docker import images
from tests.docker.engine import missing_right

pytestmark = [pytest.mark.thorough, pytest.mark.enable_socket]


def test_the_offices_image_holds_the_release_and_asterisk_and_is_not_roots() -> None:
    if missing_right():
        pytest.skip(missing_right())
    with images.engine() as engine:
        images.build(engine, "office")
        told = json.loads(engine.podman("inspect", "supervision-office"))[0]
        look = ["run", "--rm", "--network=none", "--read-only", "--cap-drop=all", "--cgroups=disabled"]
        look += ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024", "--tmpfs=/tmp", "--no-healthcheck"]
        imports = "import subprocess, ari_app.__main__, web.application, supervision.worker; "
        said = engine.podman(
            *look, "supervision-office", "-c", imports + "print(subprocess.getoutput('asterisk -V; id -un; ls'))"
        )

    assert told["Config"]["User"] == "supervision"
    assert told["Config"]["WorkingDir"] == "/opt/supervision/current"
    assert "Asterisk 22." in said
    assert "\nsupervision\n" in said
    assert "wheels" not in said.split()
