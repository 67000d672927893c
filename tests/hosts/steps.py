"""The steps of `make hosts`, each a claim about a deployed bureau; each says what it saw."""

import re
import uuid
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from bench.sip import Account
from demo.processes import until
from releases.build import build, release_name
from tests.hosts.bureau import GUESSER, Bureau
from tests.hosts.network import PREFIX
from tests.hosts.recorded import (
    at_headquarters,
    at_office,
    open_incidents,
    recordings_at_headquarters,
    wait_for_recordings,
)
from tests.hosts.scan import answers_sip, open_ports
from tests.hosts.telephones import Line, Traffic, plug_in
from tests.pbx.plugged import row_of_lines
from tests.pbx.softphone import NoAnswer, Softphone

Step = Callable[[Bureau, Path], str]
PYTHON = "3.13"  # of the machines' Debian
TALK_S = 4.0
REFUSED_AT_MOST_S = 5.0
COUNTED = "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM accounts)"
BANNED_WITHIN_S = 60.0
BANNED = ("fail2ban-client", "status", "supervision-sip")
SECURITY_LOG = "/srv/supervision/asterisk/log/security.log"
ASK_INTAKE = """
import http.client, ssl
tls = "/srv/supervision/tls/"
context = ssl.create_default_context(cafile=tls + "ca.pem")
context.load_cert_chain(tls + "office.pem", tls + "office.key")
intake = http.client.HTTPSConnection("hq", 8443, context=context, timeout=10)
intake.request("GET", "/v1/heartbeat")
print(intake.getresponse().status)
"""
REFUSED = (401, 403)
OWN_INCIDENTS = "SELECT count(*) FROM incidents WHERE healed_at IS NULL AND office_code = 'hq'"
LINES = 2
STEPS: list[Step] = []


def step(function: Step) -> Step:
    """A step of the story, in the order of this file."""
    STEPS.append(function)
    return function


def two_releases(folder: Path) -> tuple[Path, Path]:
    """The archives of this version, and of the same once more under a later name."""
    name = release_name().replace(".modified", "")
    return build(folder, (PYTHON,), f"{name}.1"), build(folder, (PYTHON,), f"{name}.2")


def office(code: str) -> dict[str, Any]:
    """An office's description: two lines, a desk for each."""
    found = row_of_lines(LINES)
    lines = [line | {"key": f"{code}-{n}", "number": f"{code}0000{n:02}"} for n, line in enumerate(found["lines"])]
    return {**found, "office": {"code": code, "name": f"第{code}税务所"}, "lines": lines}


def lines_of(bureau: Bureau, code: str) -> list[Line]:
    """Its lines, with telephones plugged in."""
    rows = [(f"{code}-{n}", f"{code}0000{n:02}", f"fxo-{n}", str(100 + n)) for n in range(LINES)]
    return plug_in(bureau, code, rows)


def unplug(stack: ExitStack, lines: list[Line]) -> None:
    """Have them unplugged at the end."""
    for line in lines:
        stack.callback(line.port.unplug)
        stack.callback(line.desk.unplug)


@step
def deploy(bureau: Bureau, second: Path) -> str:
    """From bare Debian to a bureau that runs."""
    counts = bureau.play("site.yml")
    for login, name in (("feng.jing", "冯静"), ("tang.min", "唐敏")):
        bureau.run_on("hq", f"echo {uuid.uuid4()} | supervision people first-admin --login {login} --name {name}")
    bureau.run_on("hq", "supervision", "backups", "run", timeout_s=300)
    changed = ", ".join(f"{name} changed={count['changed']}" for name, count in counts.items())
    return f"deployed: {changed}"


@step
def call(bureau: Bureau, second: Path) -> str:
    """A call in each office, recorded there and at headquarters with the same sound; certificates are in place."""
    listed = bureau.run_on("hq", "supervision", "certificates", "list")
    for code in bureau.offices:
        assert re.search(rf"valid .* {code} ", listed), f"no certificate of office {code}:\n{listed}"
        with ExitStack() as stack:
            lines = lines_of(bureau, code)
            unplug(stack, lines)
            assert lines[0].call(TALK_S), f"office {code}: the two did not hear each other"
            wait_for_recordings(bureau, code, 1)
    return f"a call in each of {len(bureau.offices)} offices: recorded there and at headquarters, the same hash"


@step
def check(bureau: Bureau, second: Path) -> str:
    """Nothing is weak on any machine, and the check knows which ports are registered."""
    until("headquarters has no incident of its own", lambda: at_headquarters(bureau, OWN_INCIDENTS) == [["0"]])
    with ExitStack() as stack:
        for code in bureau.offices:
            unplug(stack, lines_of(bureau, code))
        bureau.play("check.yml")
    return "check.yml is clean: each machine, and each port is registered"


@step
def scan(bureau: Bureau, second: Path) -> str:
    """A stranger reaches nothing, telephones SIP and RTP only, the administrator SSH only."""
    code = next(iter(bureau.offices))
    address = bureau.machines[f"office{code}"].address
    seen = {space: open_ports(bureau, space, address) for space in ("stranger", "phones", "admin")}
    assert seen == {"stranger": set(), "phones": set(), "admin": {"22/tcp"}}, seen
    heard = {space for space in seen if answers_sip(bureau, space, address)}
    assert heard == {"phones"}, f"Asterisk answers {heard}"
    rules = bureau.run_on(f"office{code}", "nft", "list", "chain", "inet", "supervision", "input")
    udp = re.findall(r"udp dport (\S+) accept", rules)
    assert sorted(set(udp)) == ["10000-12000", "5060"], rules
    at_hq = {space: open_ports(bureau, space, bureau.machines["hq"].address) for space in ("stranger", "admin")}
    assert at_hq == {"stranger": set(), "admin": {"22/tcp"}}, at_hq
    return f"TCP 1-65535 of an office: {seen}; UDP by its firewall: 5060, 10000-12000 from telephones; hq: {at_hq}"


@step
def guess(bureau: Bureau, second: Path) -> str:
    """Who guesses at a desk's password is banned; the gateways' address is not."""
    code = next(iter(bureau.offices))
    host, address = f"office{code}", bureau.machines[f"office{code}"].address
    assert answers_sip(bureau, "guesser", address)
    for _ in range(6):
        with bureau.network.entered("guesser"):
            guesser = Softphone((address, 5060), Account("100", "guessed"), 440, f"{PREFIX}.{GUESSER}")
        with guesser, suppress(NoAnswer):
            guesser.registers()
    until("the guesser is banned", lambda: f"{PREFIX}.{GUESSER}" in bureau.run_on(host, *BANNED), BANNED_WITHIN_S)
    assert not answers_sip(bureau, "guesser", address)
    assert answers_sip(bureau, "phones", address)
    matched = bureau.run_on(host, "fail2ban-regex", SECURITY_LOG, "/etc/fail2ban/filter.d/supervision-sip.conf")
    found = re.search(r"(\d+) matched", matched)
    return f"banned after {found[1] if found else '?'} lines in Asterisk's security log; telephones go on"


@step
def deploy_again(bureau: Bureau, second: Path) -> str:
    """A second run changes nothing, and a dry run says so too."""
    for options in ([], ["--check"]):
        counts = bureau.play("site.yml", *options)
        changed = {name: count["changed"] for name, count in counts.items() if count["changed"]}
        assert not changed, f"site.yml {' '.join(options)} changed something again: {changed}"
    return "a second run and a dry run: changed=0 everywhere"


@step
def upgrade(bureau: Bureau, second: Path) -> str:
    """A new release while calls go on: the long call is whole, none is refused for more than five seconds."""
    code = next(iter(bureau.offices))
    with ExitStack() as stack:
        lines = lines_of(bureau, code)
        unplug(stack, lines)
        before = len(wait_for_recordings(bureau, code, 1))
        long_call, many = lines
        assert long_call.port.dials(long_call.number) == 200
        traffic = Traffic(many, TALK_S).start()
        try:
            bureau.play("upgrade.yml", "-e", f"release_archive={second}")
        finally:
            traffic.stop()
        assert long_call.port.in_call, "the call that was in progress has ended"
        assert len(traffic.answered_at) >= 3, "too few calls to say anything"
        heard = len(long_call.port.speech.heard())
        long_call.port.hangs_up()
        refused = traffic.longest_refusal_s()
        assert refused <= REFUSED_AT_MOST_S, f"calls were refused for {refused:.1f} s"
        count = before + 1 + len(traffic.answered_at)
        wait_for_recordings(bureau, code, count)
        faults = open_incidents(bureau, code)
        assert not faults, f"the reconciler says: {faults}"
        assert at_office(bureau, code, "SELECT count(*) FROM calls") == [[count]]
    for name in bureau.machines:
        current = bureau.run_on(name, "readlink", "/opt/supervision/current")
        assert current.strip().endswith(".2"), f"{name} has {current}"
    return (
        f"upgraded under {len(traffic.answered_at)} calls and a long one of {heard / 8000:.0f} s: "
        f"refused for {refused:.1f} s at most; every recording at both, no incident"
    )


@step
def go_back(bureau: Bureau, second: Path) -> str:
    """To the release before, by its name; a second time nothing is changed; and on to the new one again."""
    before = bureau.archive.name.removeprefix("supervision-").removesuffix(".tar.gz")
    words = ("upgrade.yml", "-e", f"upgrade_back_to={before}")
    bureau.play(*words)
    counts = bureau.play(*words)
    assert not any(count["changed"] for count in counts.values()), counts
    for name in bureau.machines:
        current = bureau.run_on(name, "readlink", "/opt/supervision/current")
        assert current.strip() == before, f"{name} has {current}"
    bureau.play("upgrade.yml", "-e", f"release_archive={second}")
    return f"back to {before} everywhere, which a second run leaves alone; on to the new one again"


@step
def restore(bureau: Bureau, second: Path) -> str:
    """Headquarters is lost, and restored onto a bare machine: every recording is there, and calls go on to be."""
    code = next(iter(bureau.offices))
    bureau.run_on("hq", "supervision", "backups", "run", timeout_s=300)
    before = recordings_at_headquarters(bureau)
    rows = at_headquarters(bureau, COUNTED)
    bureau.replace("hq")
    signed_by = next(bureau.second_place.rglob("manifests/*.pem"))
    words = (f"release_archive={second}", f"restore_identity={bureau.identity}", f"restore_key={signed_by}")
    bureau.play("restore.yml", *(word for one in words for word in ("-e", one)))
    assert recordings_at_headquarters(bureau).items() >= before.items()
    assert at_headquarters(bureau, COUNTED) == rows
    with ExitStack() as stack:
        lines = lines_of(bureau, code)
        unplug(stack, lines)
        known = len(wait_for_recordings(bureau, code, 1))
        assert lines[0].call(TALK_S)
        wait_for_recordings(bureau, code, known + 1)
    return f"{len(before)} recordings and every row are there; the next call reached it as well"


@step
def retire(bureau: Bureau, second: Path) -> str:
    """An office whose certificates are taken back is let in no more."""
    code = list(bureau.offices)[-1]
    before = intake_says(bureau, code)
    bureau.play("retire-office.yml", "-e", f"retired_office={code}")
    counts = bureau.play("retire-office.yml", "-e", f"retired_office={code}")
    assert not any(count["changed"] for count in counts.values()), counts
    after = intake_says(bureau, code)
    assert before not in REFUSED, f"the intake said {before} before"
    assert after in REFUSED, f"the intake says {after}"
    return f"office {code}: the intake said {before} before, and {after} at the next request"


def intake_says(bureau: Bureau, code: str) -> int:
    """The status of a request that an office makes with its certificate."""
    return int(bureau.run_on(f"office{code}", "python3", "-c", f"'{ASK_INTAKE}'"))
