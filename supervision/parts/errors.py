"""The errors of the store of incoming parts; each is one of the domain's five."""

from supervision.errors import Conflict, Refused, Unavailable


class Damaged(Unavailable):
    """Less is on disk than was acknowledged, or it cannot be read: somebody must look (never gone on silently)."""


class DiskFull(Unavailable):
    """No room on the disk; nothing of what just came was kept."""


class DiskFault(Unavailable):
    """The disk failed; nothing of what just came was kept."""


class Locked(Conflict):
    """Somebody else is writing to this part."""


class LengthFixed(Conflict):
    """The part's length was fixed before, and is another."""


class Differs(Conflict):
    """What is sent of a final part is not what is held or was sent before."""


class Incomplete(Refused):
    """The part cannot be final yet: bytes are missing."""

    def __init__(self, held: int) -> None:
        super().__init__("part_incomplete", f"{held} bytes are held")
        self.held = held


class AlreadyFinal(Refused):
    """The part is final: nothing can be added."""

    def __init__(self) -> None:
        super().__init__("part_final")


class TooManyUnfinished(Refused):
    """The office has as many unfinished parts here as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__("too_many_unfinished", str(most))
        self.most = most
