"""Where a story begins behind its dateline: exact, so that copies filed from different desks share every shingle, and linear."""

import pytest

from pipeline.text.datelines import body_start, read_dateline
from tests.extract.making import STORY


@pytest.mark.parametrize(
    "dateline",
    [
        "", "MAKHMOUR — ", "NEW DELHI: ", "BERLIN -- ", "BAGHDAD, Nov 2 (AP) — ", "(Reuters) - ", "Berlin (dpa) - ", "AFP - ",
        "PARIS, 4 mars (AFP) - ", "Madrid, 20 nov (EFE).- ", "ST. JOSEPH, Mich. (AP) — ", "HANOI, Vietnam (AP) – ", "ANKARA / AA - ",
        "(ANSA) - ROMA, 20 NOV - ", "LONDON, March 9, 2026 (GLOBE NEWSWIRE) -- ", "PORT HALDEN (MNA) — ", "AIX-EN-PROVENCE (AFP) - ",
        "Saint-Jean-sur-Richelieu (AFP) - ", "TEL-AVIV — ", "L'AQUILA, 20 NOV — ", "PORT HALDEN (Meridian News Agency) — ",
        "أربيل (رويترز) - ", "بغداد - رويترز: ", "МОСКВА, 20 ноя — РИА Новости. ", "DALLAS (WFAA) — ",
    ],
)  # fmt: skip
def test_the_story_begins_right_behind_the_dateline(dateline: str) -> None:
    text = f"{dateline}{STORY[0]}\n{STORY[1]}"
    assert text[body_start(text) :] == f"{STORY[0]}\n{STORY[1]}"


@pytest.mark.parametrize(
    "text",
    ["Aa-" * 60, "AA-" * 60, "AA-AA " * 30, "BB/BB-" * 30, "Bb/Bb-" * 30 + "(x)", "AB, cd ef gh " * 20, "A.A." * 40, "А Б-" * 50, "(" * 160,
     "Jan 1 " * 40, "Aa aa aa, Nov 2 (x" * 8, "A'A'" * 50, "PORT HALDEN " * 20 + "(MNA"],
)  # fmt: skip
def test_words_that_could_be_split_in_many_ways_are_read_once(text: str) -> None:
    """ "Aa-Aa-Aa-…" once took five seconds: a hyphen within a word and one between words were both tried everywhere."""
    assert read_dateline(text) is None
    assert body_start(text) == 0
