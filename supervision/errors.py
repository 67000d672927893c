"""The five errors of the domain.

They carry no HTTP, no translation and no path. `web` maps them, once, to pages and to RFC 9457 problem
details; `ari_app` turns them into incidents.
"""


class DomainError(Exception):
    """Root of the refusals below; never raised itself."""


class NotFound(DomainError):
    """There is no such record, or it lies outside the actor's scope: the two look the same (404)."""


class InvalidInput(DomainError):
    """What came from outside is not what it should be (422).

    `where` names the field or key, `wrong` says what was found, `right` what would do.
    """

    def __init__(self, where: str, wrong: str, right: str = "") -> None:
        super().__init__(f"{where}: {wrong}" + (f" ({right})" if right else ""))
        self.where = where
        self.wrong = wrong
        self.right = right


class Refused(DomainError):
    """The act is understood and not allowed in this state or to this person (409).

    `reason` is a stable word that the pages translate.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Conflict(DomainError):
    """Somebody else changed the row meanwhile (409)."""


class Unavailable(DomainError):
    """A part that the act needs is away for the moment (503)."""


class Busy(Unavailable):
    """Too much is asked for at once; in `retry_after_s` it may do (503; 429 where it is the asker's `own` doing).

    `reason` is a stable word that the pages translate.
    """

    def __init__(self, reason: str, retry_after_s: int, *, own: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.own = own
