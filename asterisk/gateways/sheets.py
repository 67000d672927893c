"""One sheet for each line's FXO port, in English and Chinese, and a provisioning file for Grandstream's HT813.

The sheet names the password's file; only the provisioning file holds the password itself. No gateway was at hand:
the settings come from its maker's manuals (docs/operate/gateways.md).
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from supervision.offices.description import LineDescription, OfficeDescription

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = {"sheet.md.j2": ".md", "sheet.zh-CN.md.j2": ".zh-CN.md"}
MAC = re.compile(r"[0-9a-f]{12}")
BUSY_MS, CONGESTION_MS = 350, 700
A_LAW, MU_LAW = "8", "0"


def write_sheets(
    description: OfficeDescription,
    server: str,
    folder: Path,
    secret: Callable[[str], str],
    macs: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write each line's sheets and provisioning file into a folder; the files written.

    `server` is the address, with its port, at which gateways reach Asterisk. `secret` gives a secret by its name.
    `macs` has the hardware address of an account's gateway, by which the gateway asks for its file. Raises
    ValueError for an address that is none, or that two accounts have.
    """
    if len(set((macs or {}).values())) < len(macs or {}):
        raise ValueError("two accounts have the same hardware address: the file of one would replace the other's")
    folder.mkdir(parents=True, exist_ok=True)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown for a technician; every value is validated
    )
    written = []
    for number, line in enumerate(description.lines, start=1):
        values = {
            "office": description.office,
            "line": line,
            "channel": number,
            "server": server,
            "secret_file": f"secrets/sip-line-{line.key}",
            "disconnect_tones": [disconnect_tone(BUSY_MS), disconnect_tone(CONGESTION_MS)],
            "rings": max(1, line.rings_before_us),
        }
        for template, ending in LANGUAGES.items():
            sheet = folder / f"{line.key}{ending}"
            sheet.write_text(environment.get_template(template).render(values), "utf-8")
            written.append(sheet)
        if line.gateway.account:
            written.append(
                _write_provisioning(folder, line, server, secret, (macs or {}).get(line.gateway.account))
            )
    return written


def disconnect_tone(ms: int) -> str:
    """A tone of 450 Hz, on and off for as long each, as Grandstream's FXO page takes it (cadence in ms)."""
    return f"f1=450@-32,f2=450@-32,c={ms}/{ms};"


def provisioning(line: LineDescription, server: str, password: str, mac: str | None = None) -> str:
    """The file that an HT813 fetches at start: the account of its FXO port, A-law, no silence suppression.

    The numbers are those of the device's second port, which is the FXO port.
    """
    if mac is not None and not MAC.fullmatch(mac):
        raise ValueError(f"not a hardware address (twelve hexadecimal digits, small, without colons): {mac!r}")
    settings = {
        "P401": "1",  # account active
        "P747": server,  # primary SIP server
        "P735": line.gateway.account or "",  # SIP user ID
        "P736": line.gateway.account or "",  # authenticate ID
        "P734": password,
        "P703": line.number,  # name
        "P731": "1",  # SIP registration
        "P732": "5",  # register expiration, minutes
        "P750": "0",  # silence suppression: off
        "P757": A_LAW,  # preferred codecs, first to sixth: nothing but A-law and µ-law
        **dict.fromkeys(("P758", "P759", "P760", "P761", "P762"), MU_LAW),
    }
    root = ElementTree.Element("gs_provision", version="1")
    if mac is not None:
        ElementTree.SubElement(root, "mac").text = mac
    config = ElementTree.SubElement(root, "config", version="1")
    for name, value in settings.items():
        ElementTree.SubElement(config, name).text = value
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _write_provisioning(
    folder: Path, line: LineDescription, server: str, secret: Callable[[str], str], mac: str | None
) -> Path:
    file = folder / (f"cfg{mac}.xml" if mac else f"{line.key}.xml")
    text = provisioning(line, server, secret(f"sip-line-{line.key}"), mac)
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text, "utf-8")
    return file
