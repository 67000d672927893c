"""What Asterisk answers to our orders is understood as it is meant."""

import asyncio
from pathlib import Path

import pytest

from ari_app.ami import AmiLink, ChannelGone
from demo.office import LoopbackOffice

pytestmark = pytest.mark.pbx


def test_a_channel_that_asterisk_has_no_longer_is_reported_as_gone(office: LoopbackOffice) -> None:
    async def ask() -> None:
        up, settings = asyncio.Event(), office.settings

        async def connected() -> None:
            up.set()

        async def lost() -> None:
            up.clear()

        password = office.paths.secret("ami").read_text("ascii").strip()
        address = settings.ami_host, int(office.environment["SUPERVISION_AMI_PORT"])
        link = AmiLink(*address, settings.ami_user, password, connected, lost, lambda _event: None)
        running = asyncio.create_task(link.run())
        try:
            async with asyncio.timeout(15):
                await up.wait()
                with pytest.raises(ChannelGone):
                    await link.start_mixmonitor("PJSIP/none-00000000", Path(office.paths.spool) / "none.raw")
        finally:
            running.cancel()

    asyncio.run(ask())
