"""What the playbooks install, without a machine: the example's inventory, the firewall, the filter of fail2ban."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from supervision.offices.description import load_description
from supervision.settings import Settings

ANSIBLE = Path(__file__).parents[2] / "ansible"
DOCS = ANSIBLE.parent / "docs"
EXAMPLE = ANSIBLE / "inventory.example"
ROLES = ANSIBLE / "roles"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def variables(host: str) -> dict[str, Any]:
    """What a host of the example has, as far as templates need it: defaults of all roles, its groups, itself."""
    found: dict[str, Any] = {"ansible_managed": "ansible"}
    for defaults in ROLES.glob("*/defaults/main.yml"):
        found |= read(defaults)
    found |= read(EXAMPLE / "group_vars" / "all.yml")
    for group, content in read(EXAMPLE / "hosts.yml")["all"]["children"].items():
        if host in content["hosts"]:
            found |= {"group_names": [group], **content["hosts"][host]}
    return found


def rendered(role: str, template: str, values: dict[str, Any]) -> str:
    environment = Environment(  # noqa: S701 - configuration, not HTML
        loader=FileSystemLoader(ROLES / role / "templates"), undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(template).render(values)


def test_each_office_of_the_example_has_its_description() -> None:
    offices = read(EXAMPLE / "hosts.yml")["all"]["children"]["offices"]["hosts"]
    assert len(offices) == 2
    for office in offices.values():
        description = load_description(EXAMPLE / "offices" / f"{office['office_code']}.yaml")
        assert description.office.code == office["office_code"]
        gateways = [IPv4Network(one) for one in office["office_gateway_networks"]]
        for line in description.lines:
            if line.gateway.address:
                address = IPv4Network(line.gateway.address)
                assert any(address.subnet_of(one) for one in gateways), f"{line.key}: behind its own firewall"


@pytest.mark.parametrize("host", ["hq01", "office07", "office12"])
def test_the_firewall_opens_what_the_inventory_names_and_nothing_else(host: str, tmp_path: Path) -> None:
    rules = rendered("base", "nftables.conf.j2", variables(host))
    assert "policy drop" in rules
    opened = {
        (network, proto, ports)
        for networks, proto, ports in re.findall(r"ip saddr \{ (.+) \} (tcp|udp) dport (\S+) accept", rules)
        for network in networks.split(", ")
    }
    admin = {("10.7.254.0/24", "tcp", "22")}
    phones = {(net, "udp", port) for net in ("10.7.7.32/28", "10.7.7.64/26") for port in ("5060", "10000-12000")}
    expected = {
        "hq01": admin | {("10.7.0.0/16", "tcp", "443"), ("10.7.0.0/16", "tcp", "8443")},
        "office07": admin | phones,
    }
    if host in expected:
        assert opened == expected[host]
    else:
        assert ("10.7.12.128/25", "tcp", "443") in opened  # this office's people open its site
    nft, unshare = (shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin") for name in ("nft", "unshare"))
    if nft is None or unshare is None:
        pytest.skip("nft or unshare is not installed")
    file = tmp_path / "nftables.conf"
    file.write_text(rules.partition("table inet supervision_connections")[0], "utf-8")
    done = subprocess.run(  # noqa: S603
        [unshare, "--map-root-user", "--net", nft, "--check", "--file", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def tasks(found: Any) -> Iterator[dict[str, Any]]:
    """All tasks of a file, those in blocks too."""
    for task in found or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks(task.get(part))


def test_root_itself_neither_reads_nor_writes_below_the_home_folder() -> None:
    """Its users may put a link there; ansible's modules follow it as root."""
    modules = {f"ansible.builtin.{name}" for name in ("file", "copy", "template", "slurp", "fetch", "lineinfile")}
    below = re.compile(r"(_home \}\}|/srv/supervision)/")
    wrong = [
        f"{file.relative_to(ROLES)}: {task['name']}"
        for file in ROLES.glob("*/tasks/*.yml")
        for task in tasks(read(file))
        for module in modules & task.keys()
        if below.search(str(task[module].get("path", "")) + str(task[module].get("dest", "")))
        or below.search(str(task[module].get("src", "")))
    ]
    assert not wrong


@pytest.mark.parametrize("name", ["nginx-site.conf", "nginx-intake.conf"])
def test_no_server_of_nginx_logs_the_addresses_that_people_open(name: str) -> None:
    _head, *servers = re.split(r"^server \{$", (DOCS / name).read_text("utf-8"), flags=re.MULTILINE)
    assert servers
    assert all(re.search(r"^    access_log off;$", server, re.MULTILINE) for server in servers)


def test_who_is_banned_is_kept_from_sip_alone_so_that_calls_in_progress_go_on() -> None:
    jail = RawConfigParser()
    jail.read_string(rendered("office", "jail.j2", variables("office07") | {"office_home": "/srv/supervision"}))
    banned = {name: jail["supervision-sip"][name] for name in ("banaction", "port", "protocol")}
    assert banned == {"banaction": "nftables", "port": "5060", "protocol": "udp"}


def test_every_setting_that_is_written_is_one_of_ours() -> None:
    known = {f"SUPERVISION_{name.upper()}" for name in Settings.model_fields}
    for of in read(ROLES / "release" / "defaults" / "main.yml")["release_settings_of"].values():
        assert set(of) <= known
    template = (ROLES / "release" / "templates" / "supervision.env.j2").read_text("utf-8")
    assert set(re.findall(r"'(SUPERVISION_\w+)'", template)) <= known


@pytest.mark.may_be_skipped("prometheus is no package that anything else here needs")
def test_alerts_are_sent_when_they_should_be() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    done = subprocess.run(  # noqa: S603
        [promtool, "test", "rules", Path(__file__).with_name("alerts.test.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
