"""The Debian root that all booted machines share: made once by mmdebstrap, kept in the cache of what is made once.

It holds the packages that the roles ask for, since the booted machines reach no mirror: so the roles find them
installed. Asterisk comes from forky, as the role `office` takes it where the inventory names forky.
"""

import hashlib
import sys
from pathlib import Path

from asterisk.cache import cache_folder, once, program
from asterisk.root import Say, mirror, watched

SUITE, ASTERISK_SUITE = "trixie", "forky"
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "python3", "python3-venv", "python3-apt", "iproute2"),
    *("netbase", "nftables", "ca-certificates", "chrony", "logrotate", "unattended-upgrades", "fail2ban"),
    *("python3-systemd", "nginx", "postgresql", "python3-psycopg2", "prometheus-node-exporter", "cron", "age"),
    *("espeak-ng", "fonts-noto-cjk", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "rsync"),
)
FROM_ASTERISK_SUITE = ("asterisk", "asterisk-core-sounds-en-gsm")
# A bare machine runs none of them: the roles do that.
NOT_YET = (
    "asterisk",
    "chrony",
    "fail2ban",
    "nginx",
    "postgresql",
    "prometheus-node-exporter",
    "unattended-upgrades",
)
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
RECIPE = 2  # raise it when a root made by the lines below would come out different


def find_or_make(say: Say) -> Path:
    """The root, made the first time it is asked for. Raises MissingPart if this machine cannot make it."""
    words = f"{RECIPE} {SUITE} {ASTERISK_SUITE} {' '.join((*PACKAGES, *FROM_ASTERISK_SUITE))}"
    key = hashlib.sha256(words.encode()).hexdigest()[:10]
    return once(cache_folder() / f"hosts-{SUITE}-{key}", lambda unfinished: make_root(unfinished, say))


def make_root(folder: Path, say: Say) -> None:
    """Fill an empty folder."""
    say(f"making a Debian {SUITE} root for the booted machines, once")
    install = f"apt-get install -y -q -t {ASTERISK_SUITE} --no-install-recommends {' '.join(FROM_ASTERISK_SUITE)}"
    pin = f"Package: *\\nPin: release n={ASTERISK_SUITE}\\nPin-Priority: 100\\n"
    preferences = "$1/etc/apt/preferences.d"
    watched(
        [
            *(program("mmdebstrap", "mmdebstrap"), "--variant=apt", "--mode=root", "--skip=cleanup/apt"),
            '--aptopt=Acquire::Check-Valid-Until "false"',
            "--dpkgopt=force-unsafe-io",
            *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
            f'--setup-hook=mkdir -p {preferences}; printf "{pin}" > {preferences}/asterisk',
            f'--customize-hook=chroot "$1" {install}',
            f'--customize-hook=chroot "$1" systemctl --quiet disable {" ".join(NOT_YET)}',
            '--customize-hook=chroot "$1" apt-get clean',
            *(f"--include={','.join(PACKAGES)}", SUITE, str(folder)),
            *(f"deb {mirror()} {suite} main" for suite in (SUITE, ASTERISK_SUITE)),
        ],
        say,
    )


def _say(line: str) -> None:
    sys.stderr.write(f"hosts: {line}\n")


def main() -> int:
    """Find or make it, and say where it is."""
    sys.stdout.write(f"{find_or_make(_say)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
