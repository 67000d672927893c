"""Admission: a call that was not recorded by order is said to be the dialplan's, unless it was gone already."""

import asyncio
import uuid
from datetime import timedelta
from typing import cast
from unittest.mock import Mock

import pytest

from ari_app.admission import Admission
from ari_app.ari import ADMISSION, AriLink
from ari_app.events import AriEvent, Channel
from ari_app.recording import Recorder
from ari_app.store_writer import StoreWriter
from ari_app.tracker import Tracker
from supervision.clock import now
from supervision.incidents.rules import Cause

CALL = uuid.uuid4()


class Story:
    """One call that comes in while AMI takes no order; `there`: its channel still is, when it is sent on."""

    def __init__(self, there: bool) -> None:
        self.there = there
        self.causes: list[Cause] = []

    async def order(self, *_: object) -> None:
        """No part was begun."""

    async def continue_in_dialplan(self, _: str) -> bool:
        """Whether there was a channel to send on."""
        return self.there

    async def note(self, *_: object) -> None:
        """The call is written down."""

    async def incident(self, cause: Cause, *_: object, **__: object) -> None:
        """Something is reported."""
        self.causes.append(cause)


@pytest.mark.parametrize(("there", "expected"), [(True, [Cause.ADMITTED_BY_DIALPLAN]), (False, [])])
def test_a_caller_who_hung_up_at_once_is_no_fault_of_the_application(there: bool, expected: list[Cause]) -> None:
    story, tracker = Story(there), Mock(spec=Tracker)
    admission = Admission(cast(AriLink, story), cast(Recorder, story), cast(StoreWriter, story), tracker)
    at = now() - timedelta(milliseconds=5)
    channel = Channel("u.1", "PJSIP/fxo-1-00000001", "Ring", at, CALL, "07-1", "", "", "")
    event = AriEvent("StasisStart", at, ADMISSION, channel, None, (str(CALL), "07-1"), "", "", "", soft=False)
    asyncio.run(admission.admit(event))
    assert story.causes == expected
