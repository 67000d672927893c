"""What our processes do is possible where no memory may be written and executed (`MemoryDenyWriteExecute`).

cffi makes a callback in such memory: soundfile needs one for a file object, and none for a path, which is what we
give it. The kernel's own switch does the same as the unit's (Linux 6.3).
"""

import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

pytestmark = pytest.mark.thorough

BARRED = """
import ctypes, sys
from pathlib import Path

if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
    sys.exit(77)
"""
DEEDS = {
    "a recording is sealed and read": """
import tempfile
import numpy as np
from supervision.recordings.audio import pcm_sha256, read_flac, write_flac
blocks = [np.arange(16000, dtype="<i2").reshape(-1, 2)]
target = Path(tempfile.mkdtemp()) / "one.flac"
write_flac(target, blocks)
assert pcm_sha256(read_flac(target)) == pcm_sha256(blocks)
""",
    "a document is printed": """
import weasyprint
assert weasyprint.HTML(string="<p>税务 text</p>").write_pdf().startswith(b"%PDF")
""",
    "a password is checked": """
from argon2 import PasswordHasher
assert PasswordHasher().verify(PasswordHasher().hash("x"), "x")
""",
    "control, uplink, intake and worker are read": """
import ari_app.node, ari_app.uplink.__main__, supervision.worker, web.application, web.intake
from cryptography.hazmat.primitives.asymmetric import ec
ec.generate_private_key(ec.SECP256R1())
""",
}
WITHOUT_THE_SWITCH = 77


@pytest.mark.may_be_skipped("a kernel older than 6.3 has no such switch")
@pytest.mark.parametrize("deed", DEEDS)
def test_it_needs_no_memory_that_is_written_and_executed(deed: str) -> None:
    command = [sys.executable, "-c", BARRED + DEEDS[deed]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == WITHOUT_THE_SWITCH:
        pytest.skip("this kernel has no PR_SET_MDWE")
    assert done.returncode == 0, done.stderr


@pytest.mark.may_be_skipped("a kernel older than 6.3 has no such switch")
def test_the_switch_is_felt() -> None:
    felt = BARRED + "import mmap\nmmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
    done = subprocess.run([sys.executable, "-c", felt], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == WITHOUT_THE_SWITCH:
        pytest.skip("this kernel has no PR_SET_MDWE")
    assert "PermissionError" in done.stderr
