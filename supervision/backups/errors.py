"""Why a backup is not made, or not restored: said on the command's standard error, in English, as it is."""

from supervision.errors import Refused


class NotPossible(Refused):
    """It cannot be done as things are."""


class WrongKey(Refused):
    """The private key is none of those for which something was encrypted."""


class Damaged(Refused):
    """What is at the second place is not what was put there."""
