"""The whole: backed up, more happens, restored onto an empty machine, and every recording, row and entry is there."""

from pathlib import Path

from supervision.backups.restoring import rehearse, restore, verify
from tests.backups.bureau import Bureau, files, rows

KEPT = ("archive", "attachments", "incoming", "secrets")


def test_a_restored_headquarters_has_every_recording_and_every_row(
    either_hq: Bureau, empty_url: str, tmp_path: Path
) -> None:
    hq = either_hq
    hq.record_calls(3)
    hq.sign_head()
    hq.record_calls(1)
    before, held = rows(hq.database_url), files(hq.home, *KEPT)
    made = hq.back_up()
    hq.record_calls(2)
    restored = hq.settings(tmp_path / "new", empty_url)
    report = restore(restored, hq.source(), hq.identities)
    assert (report.faults, report.number, report.recordings) == ([], made.number, 4)
    assert rows(restored.database()) == before == report.tables
    again = files(restored.home, *KEPT)
    assert {path: data for path, data in held.items() if "draw-shares-given" not in path} == again
    assert verify(hq.source(), made.number) == []
    assert rehearse(hq.settings(), hq.source(), made.number, hq.identities).faults == []
