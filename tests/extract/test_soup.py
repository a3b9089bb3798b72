"""Pages without a paragraph element: nothing but boxes, old tables, line breaks; and the dates that such pages only show."""

from datetime import UTC, datetime

import pytest

from tests.extract.languages import BY_LANGUAGE
from tests.extract.making import STORY, TITLE, entry, read

MENU = ("Region", "Sports", "Obituaries", "Classifieds", "e-Edition", "Weather", "Games", "Jobs")
READ = (
    "Dam opens its gates",
    "Forecast: snow over the upper valley",
    "Eleven streetcars burnt",
    "Council to vote on tax",
)
LINES = "".join(f"<div>{line}</div>" for line in STORY)
SHOWN = "March 9, 2026 11:43"
ON_THAT_DAY = datetime(2026, 3, 9, tzinfo=UTC)


def links(words: tuple[str, ...]) -> str:
    return "".join(f'<div class="mi"><a href="/{n}">{word}</a></div>' for n, word in enumerate(words))


def boxes(story: str, *, title: str = TITLE, shown: str = SHOWN) -> str:
    """Columns, menus and footer in boxes whose names say nothing."""
    return (
        f'<html><head><title>{title} - Valley Daily</title></head><body><div id="w0"><div class="r0"><a href="/">Valley Daily</a></div>'
        f'<div class="r1">{links(MENU)}</div><div class="r2"><div class="c1"><div class="t1"><span>{title}</span></div><div class="t2">'
        f'<span>Dana Whit</span> <span>{shown}</span></div><div><a href="#">Facebook</a> <a href="#">Email</a> <a href="#">Save</a></div>'
        f'<div class="bd">{story}</div></div><div class="c2"><div>Most Read</div>{links(READ)}</div></div>'
        '<div class="r3"><a href="/contact">Contact us</a> <a href="/staff">Staff</a></div></div></body></html>'
    )


def tables(story: str) -> str:
    """The same as it was laid out in 1999."""
    return (
        f"<html><head><title>{TITLE} - Valley Daily</title></head><body><table><tr><td colspan=3><a href='/'>Valley Daily</a></td></tr>"
        f"<tr><td><font>{links(MENU)}</font></td><td><b>{TITLE}</b><br><i>{SHOWN}</i><br><br>{story}</td><td>{links(READ)}</td></tr>"
        "<tr><td colspan=3><a href='/contact'>Contact us</a></td></tr></table></body></html>"
    )


@pytest.mark.parametrize("quality", ["fast", "standard", "best"])
@pytest.mark.parametrize(
    "page",
    [boxes(LINES), boxes(f"<div>{LINES}</div>"), boxes("<br><br>".join(STORY)), tables("<br><br>".join(STORY)), tables(LINES)],
)  # fmt: skip
def test_a_page_of_boxes_is_cut_to_its_story(page: str, quality: str) -> None:
    assert read(page, quality=quality).content_text == "\n".join(STORY)


@pytest.mark.parametrize("count", [2, 3])
def test_a_short_story_between_many_links_is_cut_too(count: int) -> None:
    assert read(boxes("".join(f"<div>{line}</div>" for line in STORY[:count]))).content_text == "\n".join(STORY[:count])


@pytest.mark.parametrize(
    ("shown", "moment"),
    [
        ("November 22, 2025 11:43", datetime(2025, 11, 22, 11, 43, tzinfo=UTC)),
        ("Published 7:07 PM EST Mar 8, 2026", datetime(2026, 3, 9, 0, 7, tzinfo=UTC)),
        ("By Dana Whit | 9 March 2026", ON_THAT_DAY),
        ("9. März 2026, 14:05 Uhr", ON_THAT_DAY.replace(hour=14, minute=5)),
        ("9 mars 2026 à 14h05", ON_THAT_DAY.replace(hour=14, minute=5)),
        ("2026年3月9日 14:05", ON_THAT_DAY.replace(hour=14, minute=5)),
        ("9 مارس 2026 - 14:05", ON_THAT_DAY.replace(hour=14, minute=5)),
        ("٩ مارس ٢٠٢٦", ON_THAT_DAY),
        ("9ی ئازاری 2026 14:05", ON_THAT_DAY.replace(hour=14, minute=5)),
        ("2026-03-09 14:05", ON_THAT_DAY.replace(hour=14, minute=5)),
        ("09.03.2026", ON_THAT_DAY),
    ],
)
def test_a_date_under_the_headline_is_read_as_it_stands(shown: str, moment: datetime) -> None:
    found = read(boxes(LINES, shown=shown), url="https://valley.example/a?id=1")
    assert (found.date_published, found.date_published_from) == (moment, "page")
    assert found.date_published_raw == shown


@pytest.mark.parametrize(
    "shown",
    ["Closed since May 3, 2024!", "Updated March 9, 2026", "March 9", "3/4/2026", "© 2026 Valley Daily", "Since 2019"],
)
def test_what_only_looks_like_the_story_s_date_is_not_taken(shown: str) -> None:
    found = read(boxes(LINES, shown=shown), url="https://valley.example/a?id=1")
    assert found.date_published is None


def test_today_in_the_masthead_and_dates_in_the_story_are_not_the_article_s() -> None:
    page = boxes(
        f"<div>It began, as records show, on 3 May 2024 in the eastern part of the city. {STORY[0]}</div>{LINES}",
        shown="",
    )
    page = page.replace("Valley Daily</a>", "Valley Daily</a> <span>Tuesday, March 10, 2026</span>", 1)
    assert read(page, url="https://valley.example/a?id=1").date_published is None


def test_the_feed_s_date_is_not_replaced_by_one_that_is_only_shown() -> None:
    announced = entry(date_published=ON_THAT_DAY.replace(hour=5), date_published_raw="Mon, 9 Mar 2026 05:00:00 GMT")
    assert read(boxes(LINES), announced=announced).date_published == announced.date_published


@pytest.mark.parametrize("language", BY_LANGUAGE)
def test_a_page_of_boxes_is_cut_in_every_language(language: str) -> None:
    lines = BY_LANGUAGE[language]
    assert read(boxes("".join(f"<div>{line}</div>" for line in lines))).content_text == "\n".join(lines)
