"""Authors as persons: capitals that a template set are no part of a name."""

import pytest

from pipeline.stages.extract.people import as_written
from tests.extract.making import html, read


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("JANE DOE", "Jane Doe"), ("JEAN-LUC O'NEILL", "Jean-Luc O'Neill"), ("RONALD MCDONALD", "Ronald McDonald"),
        ("J.R. SMITH", "J.R. Smith"), ("AJ SMITH", "AJ Smith"), ("JD VANCE", "JD Vance"), ("LI WEI", "Li Wei"),
        ("LUDWIG VAN BEETHOVEN", "Ludwig van Beethoven"), ("MARÍA DE LA CRUZ", "María de la Cruz"),
        ("МАРІЯ ШЕВЧЕНКО", "Марія Шевченко"), ("Jane Doe", "Jane Doe"), ("bell hooks", "bell hooks"),
        ("NRV", "NRV"), ("BBC NEWS", "BBC NEWS"), ("佐伯悠", "佐伯悠"), ("سارا کریم", "سارا کریم"),
    ],
)  # fmt: skip
def test_a_name_in_capitals_is_written_as_a_name(shown: str, name: str) -> None:
    assert as_written(shown) == name


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By JANE DOE", ["Jane Doe"]),
        ("By JANE DOE and KARIM O'HARA", ["Jane Doe", "Karim O'Hara"]),
        ("By TOM KRISHER, AP Auto Writer", ["Tom Krisher"]),
        ("Von JAN MUSTER", ["Jan Muster"]),
    ],
)
def test_authors_are_found_in_capital_bylines(byline: str, authors: list[str]) -> None:
    found = read(html(before=f'<div class="byline">{byline}</div>'))
    assert [author.name for author in found.authors] == authors
