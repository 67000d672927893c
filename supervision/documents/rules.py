"""How a printed document is numbered: `税监证〔2026〕12号` (GB/T 9704-2012, 7.2.5)."""

import enum
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """The kinds of printed documents, each with a register of its own."""

    CERTIFICATE = "certificate"
    RECTIFICATION = "rectification"
    DISCIPLINE = "discipline"
    COMMENDATION = "commendation"
    APPEAL = "appeal"
    ASSESSMENT = "assessment"


CHARACTERS = {
    Kind.CERTIFICATE: "证",
    Kind.RECTIFICATION: "改",
    Kind.DISCIPLINE: "责",
    Kind.COMMENDATION: "奖",
    Kind.APPEAL: "诉",
    Kind.ASSESSMENT: "考",
}


@dataclass(frozen=True)
class DocumentNumber:
    """One number: the `n`-th of its kind in a year; a node's own have its office's code before them."""

    kind: Kind
    year: int
    n: int
    office_code: str = ""

    def written(self, mark: str) -> str:
        """As it stands on paper, after the bureau's mark (机关代字)."""
        serial = f"{self.office_code}-{self.n}" if self.office_code else str(self.n)
        return f"{mark}{CHARACTERS[self.kind]}〔{self.year}〕{serial}号"
