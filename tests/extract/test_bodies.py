"""The body: the article whole and nothing else, paragraphs as paragraphs, in any script and any template."""

import pytest

from pipeline.settings import ExtractSettings
from pipeline.stages.extract import extract_cheaply
from tests.extract.languages import BY_LANGUAGE
from tests.extract.making import STORY, TITLE, entry, html, page, paragraphs, read

QUALITIES = ["fast", "standard", "best"]


@pytest.mark.parametrize("quality", QUALITIES)
def test_paragraphs_stay_paragraphs_and_nothing_is_added(quality: str) -> None:
    assert read(html(), quality=quality).content_text.split("\n") == list(STORY)


@pytest.mark.parametrize("language", BY_LANGUAGE)
def test_every_language_comes_out_whole_and_is_recognised(language: str) -> None:
    lines = BY_LANGUAGE[language]
    found = read(html(paragraphs(lines), lang=None))
    assert found.content_text.split("\n") == list(lines)
    assert (found.language or "").split("-")[0] == language


@pytest.mark.parametrize("language", ["ckb", "ar", "fa"])
def test_right_to_left_markup_changes_nothing(language: str) -> None:
    lines = BY_LANGUAGE[language]
    body = "".join(f'<p dir="rtl" style="text-align:right"><span lang="{language}">{line}</span></p>' for line in lines)
    text = html(body, lang=None).replace("<html>", '<html dir="rtl">')
    assert read(text).content_text.split("\n") == list(lines)


@pytest.mark.parametrize(
    "template",
    [
        "<div>{}</div>",
        '<section class="story"><div><div>{}</div></div></section>',
        '<table role="presentation"><tr><td>{}</td></tr></table>',
        '<form id="aspnetForm"><div>{}</div></form>',
        '<div class="post-content entry-content">{}</div><div class="comments"><p>First! I was there on Monday too.</p></div>',
        '{}<aside><h3>Most read</h3><ul><li><a href="/a">Dam opens its gates early</a></li><li><a href="/b">Road closed</a></li></ul></aside>',
        '<div class="share"><a href="#">Share</a> <a href="#">Tweet</a></div>{}',
    ],
)
def test_templates_of_all_ages_give_the_same_text(template: str) -> None:
    assert read(html(template.format(paragraphs()))).content_text.split("\n") == list(STORY)


def test_line_breaks_make_paragraphs_where_a_page_has_no_others() -> None:
    found = read(html(f"<div>{'<br><br>'.join(STORY)}</div>"))
    assert found.content_text.split("\n") == list(STORY)


def test_headings_lists_and_quotes_are_not_glued() -> None:
    body = (
        f"<p>{STORY[0]}</p><h2>What it cost</h2><p>{STORY[1]}</p><ul><li>Nine million for the piers</li><li>Two million for the road</li></ul>"
        f"<blockquote><p>{STORY[2]}</p></blockquote><p>{STORY[3]}</p><p>{STORY[4]}</p>"
    )
    lines = [line.lstrip("- ") for line in read(html(body)).content_text.split("\n")]
    wanted = [STORY[0], "What it cost", STORY[1], "Nine million for the piers", "Two million for the road", *STORY[2:]]
    assert lines == wanted


def test_a_table_within_an_article_keeps_its_cells_apart() -> None:
    table = "<table><tr><th>Bridge</th><th>Opened</th></tr><tr><td>Old river bridge</td><td>1931</td></tr><tr><td>Ring road bridge</td><td>1988</td></tr></table>"
    text = read(html(paragraphs(STORY[:3]) + table + paragraphs(STORY[3:]))).content_text
    assert "bridge1931" not in text
    assert all(cell in text for cell in ("Old river bridge", "1931", "Ring road bridge", "1988"))
    assert all(line in text for line in STORY)


def test_the_headline_is_not_repeated_in_the_body() -> None:
    found = read(html(f"<h2>{TITLE}</h2><p>{TITLE}</p>{paragraphs()}"))
    assert found.content_text.split("\n") == list(STORY)


@pytest.mark.parametrize(
    "line",
    [
        "Sign up for our morning newsletter",
        "Follow us on Facebook and Twitter",
        "© 2026 Daily Example. All rights reserved.",
        "Read more: Dam opens its gates early",
        "Have a tip? Write to us at tips@daily.example",
        "Advertisement",
        "This article has been sent to",
        "Lesen Sie auch: Der Damm öffnet früher",
        "اقرأ أيضا: السد يفتح بواباته",
    ],
)
def test_what_sites_put_behind_an_article_is_cut(line: str) -> None:
    assert read(html(paragraphs([*STORY, line]))).content_text.split("\n") == list(STORY)


def test_a_pointer_between_paragraphs_is_cut_and_a_paragraph_that_begins_like_one_is_not() -> None:
    real = (
        "Related: that is the word the engineer used again and again when she explained "
        + "why the piers had to be rebuilt together. " * 4
    )
    found = read(html(paragraphs([*STORY[:2], "READ MORE: Dam opens its gates early", real.strip(), *STORY[2:]])))
    assert found.content_text.split("\n") == [*STORY[:2], real.strip(), *STORY[2:]]


def test_a_standfirst_set_beside_the_story_is_not_its_first_paragraph() -> None:
    long = [*STORY, *(f"{line} It was so in the year before as well." for line in STORY)]
    before = "<div class='deck'><p>Two winters of detours are over, and the council wants a second crossing.</p></div>"
    assert read(html(paragraphs(long), before=before)).content_text.split("\n") == long


def test_a_story_in_several_containers_is_kept_whole() -> None:
    lines = [f"{line} That was said on day {day} of the works." for day in range(5) for line in STORY]
    body = "".join(
        f'<div class="chunk">{paragraphs(lines[i : i + 5])}</div><div class="ad-slot"><div id="ad{i}"></div></div>'
        for i in range(0, 25, 5)
    )
    assert read(html(body)).content_text.split("\n") == lines


@pytest.mark.parametrize("quality", QUALITIES)
def test_the_same_page_gives_the_same_result_whatever_came_before_it(quality: str) -> None:
    first = read(html(), quality=quality)
    for number in range(30):  # shared paragraphs, as copies of one story have
        read(
            html(paragraphs([*STORY[:4], f"Version {number} says it differently at the end of the day."])),
            quality=quality,
        )
    assert read(html(), quality=quality) == first


def test_a_node_of_fifteen_megabytes_hides_nothing_behind_it() -> None:
    text = html(head=f"<script>{'x' * 15_000_000}</script>")
    found = read(text)
    assert found.content_text.split("\n")[-1] == STORY[-1]


def test_text_five_hundred_elements_deep_is_kept() -> None:
    deep = "<div>" * 500 + paragraphs() + "</div>" * 500
    assert all(line in read(html(deep)).content_text for line in STORY)


def test_the_second_try_reads_the_same_article_with_the_linear_extractor() -> None:
    found = extract_cheaply(page(html()), None, ExtractSettings())
    assert found.extraction.method == "resiliparse"
    assert all(line in found.content_text for line in STORY)


def test_the_recipe_names_all_that_made_the_text_with_versions() -> None:
    recipe = read(html()).extraction.recipe
    assert recipe.startswith("extract/")
    assert "trafilatura/" in recipe
    assert "lxml/" in recipe


def test_the_feed_s_full_text_is_taken_where_the_page_only_teases() -> None:
    teaser = html(
        paragraphs([*STORY[:1], "The works took two winters and a spring, and much of the money came from the state."])
    )
    found = read(teaser, announced=entry(content_html=paragraphs()))
    assert found.extraction.method == "feed"
    assert found.content_text.split("\n") == list(STORY)


def test_the_page_is_kept_where_the_feed_only_teases() -> None:
    found = read(html(), announced=entry(summary=f"<p>{STORY[0]}</p>", content_html=None))
    assert found.extraction.method == "trafilatura"


def test_a_feed_that_speaks_of_something_else_does_not_replace_the_page() -> None:
    other = paragraphs(
        [
            f"Completely different matter number {n} concerning onions, harvests, weather, prices, markets."
            for n in range(30)
        ]
    )
    assert read(html(), announced=entry(content_html=other)).content_text.split("\n") == list(STORY)


def test_notes_say_what_was_decided_and_removed() -> None:
    notes = read(html(paragraphs([*STORY, "Sign up for our newsletter", "Source: AFP"]))).notes
    text = "\n".join(notes)
    for word in (
        "charset:",
        "title:",
        "date:",
        "removed (tail): Sign up",
        "removed (credit): Source: AFP",
        "credit: agency AFP",
        "language:",
        "kind:",
    ):
        assert word in text
