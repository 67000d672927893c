"""Before the processes of an office or of headquarters start: the store, Asterisk's files, the authority.

Each is done again at each start, and changes nothing that is as it should be.
`prepare.py office ADDRESS [OPTION …]`: ADDRESS is where telephones and gateways reach Asterisk.
`prepare.py hq NAME`: NAME is the host by which offices reach it.
"""

import os
import subprocess
import sys
from pathlib import Path

HOME = Path(os.environ["SUPERVISION_HOME"])


def ours(*words: str) -> None:
    """Run a module of the release. Ends with its exit code if it fails."""
    done = subprocess.run([sys.executable, "-m", *words], check=False)  # noqa: S603 - our own words
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def main(arguments: list[str]) -> int:
    """Prepare what is named."""
    os.umask(0o027)
    kind, where, *options = arguments
    ours("supervision.store", "upgrade")
    if kind == "office":
        ours("asterisk.render", "--home", str(HOME), "--bind", where, *options)
        ours("asterisk.sounds", "--home", str(HOME))
        return 0
    if not (HOME / "ca/ca.pem").exists():
        ours("supervision.certificates", "init")
    if not (HOME / "tls/server.pem").exists():
        ours("supervision.certificates", "issue-server", where, "--out", str(HOME / "tls"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
