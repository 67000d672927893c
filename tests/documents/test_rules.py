"""How numbers of documents are written."""

from itertools import product

from supervision.documents.rules import CHARACTERS, DocumentKind, DocumentNumber


def test_a_number_is_written_as_the_standard_says() -> None:
    assert DocumentNumber(DocumentKind.DISCIPLINE, 2026, 12).written("东税监") == "东税监责〔2026〕12号"


def test_a_node_numbers_its_own_documents_beside_those_of_headquarters() -> None:
    assert DocumentNumber(DocumentKind.CERTIFICATE, 2026, 12, "01").written("税监") == "税监证〔2026〕01-12号"


def test_no_two_documents_are_written_alike() -> None:
    numbers = [DocumentNumber(*one) for one in product(DocumentKind, (2026, 2027), (1, 11), ("", "01", "011"))]
    assert set(CHARACTERS) == set(DocumentKind)
    assert len({one.written("税监") for one in numbers}) == len(numbers)
