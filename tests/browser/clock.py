"""The site at another time than it is: the test says when it is."""

import sys
from datetime import date, datetime

import pytest

from supervision import clock


class Clock:
    """A clock that stands still until it is set; all of the site that runs in this process goes by it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
        self.at, told = at, {"now": (clock.now, self.now), "today": (clock.today, self.today)}
        for name, module in list(sys.modules.items()):
            for asked, (real, ours) in told.items():
                if name.startswith(("supervision", "web")) and getattr(module, asked, None) is real:
                    monkeypatch.setattr(module, asked, ours)

    def now(self) -> datetime:
        """The time that it says."""
        return self.at

    def today(self) -> date:
        """The bureau's date by it."""
        return clock.local(self.at).date()
