"""How a printed document is numbered: `税监证〔2026〕12号` (GB/T 9704-2012, 7.2.5)."""

import enum
from dataclasses import dataclass


class DocumentKind(enum.StrEnum):
    """The kinds of printed documents, each with a register of its own."""

    CERTIFICATE = "certificate"
    RECTIFICATION = "rectification"
    DISCIPLINE = "discipline"
    COMMENDATION = "commendation"
    APPEAL = "appeal"
    ASSESSMENT = "assessment"


CHARACTERS = {
    DocumentKind.CERTIFICATE: "证",
    DocumentKind.RECTIFICATION: "改",
    DocumentKind.DISCIPLINE: "责",
    DocumentKind.COMMENDATION: "奖",
    DocumentKind.APPEAL: "诉",
    DocumentKind.ASSESSMENT: "考",
}


@dataclass(frozen=True)
class DocumentNumber:
    """One number: the `n`-th of its kind in a year; a node's own have its office's code before them."""

    kind: DocumentKind
    year: int
    n: int
    office_code: str = ""

    def written(self, mark: str) -> str:
        """As it stands on paper, after the bureau's mark (机关代字)."""
        serial = f"{self.office_code}-{self.n}" if self.office_code else str(self.n)
        return f"{mark}{CHARACTERS[self.kind]}〔{self.year}〕{serial}号"
