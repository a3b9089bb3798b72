"""What a feed asks of its readers, and when an announcement has changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import FeedHints
from pipeline.stages.discover.hints import read_hints
from pipeline.stages.discover.raw import RawFeed
from pipeline.stages.discover.revision import revision_hash
from pipeline.text.markup import plain_text, plain_title


def hints(**fields: object) -> FeedHints:
    return read_hints(RawFeed(format="rss20", parser="lxml", **fields))


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [
        ("60", 3600),
        (" 15 ", 900),
        ("30 minutes", 1800),
        ("1.5", 90),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("999999999", 365 * 86400),
    ],
)
def test_ttl_is_minutes(ttl: str | None, seconds: float | None) -> None:
    assert hints(ttl=ttl).ttl_s == seconds


@pytest.mark.parametrize(
    ("period", "frequency", "seconds"),
    [
        ("hourly", "1", 3600),
        ("hourly", "2", 1800),
        ("Hourly\n", None, 3600),
        ("always", "1", 3600),
        ("dayly", None, 86400),
        ("weekly", "7", 86400),
        ("daily", "0.1", 864000),
        (None, "4", 21600),
        ("", "24", 3600),
        ("hourly", "1000000", 60),
        ("daily", "", 86400),
        ("daily", "many", 86400),
        ("minutely", "5", None),
        ("", "", None),
        (None, None, None),
    ],
)
def test_the_syndication_module_with_the_quirks_of_the_wild(
    period: str | None, frequency: str | None, seconds: float | None
) -> None:
    assert hints(period=period, frequency=frequency).update_period_s == seconds


def test_skipped_hours_and_days() -> None:
    found = hints(skip_hours=["0", "24", " 7 ", "25", "x"], skip_days=["Monday", "sunday ", "Someday"])
    assert (found.skip_hours, found.skip_days) == ((0, 7), (0, 6))


def test_a_feed_that_skips_everything_skips_nothing() -> None:
    found = hints(
        skip_hours=[str(i) for i in range(24)],
        skip_days=["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    )
    assert (found.skip_hours, found.skip_days) == ((), ())


SAID = "<p>The council met on <b>Monday</b> and voted 3 to 5 for the bridge.</p>"
UNCHANGED = {
    "whitespace": SAID.replace(" ", "\n  "),
    "markup": SAID.replace("<b>Monday</b>", "<em class='x9'>Monday</em>"),
    "a counting pixel": SAID + "<img src='https://count.example/1.gif?n=123'>",
    "a script with a nonce": SAID + "<script nonce='abc'>track('0af31')</script>",
    "a token": SAID + " 5f4dcc3b5aa765d61d8327deb882cf99",
    "a uuid": SAID + " {123e4567-e89b-12d3-a456-426614174000}",
    "views": SAID + " 1,204 views",
    "comments": SAID + " Comments: 17",
    "views in Arabic": SAID + " ١٢٠ مشاهدة",
    "an age": SAID + " 5 minutes ago",
    "case": SAID.upper(),
}
EDITED = {
    "a word": SAID.replace("bridge", "tunnel"),
    "a number": SAID.replace("3 to 5", "3 to 6"),
    "more": SAID + "<p>The mayor disagreed.</p>",
    "a long word without digits": SAID + " Verkehrsinfrastrukturfinanzierung",
    "a number before a noun": SAID.replace("Monday", "Monday with 17 shares"[:11]) + " 17 members",
}


@pytest.mark.parametrize("case", UNCHANGED)
def test_what_changes_by_itself_is_no_edit(case: str) -> None:
    assert revision_hash("T", UNCHANGED[case]) == revision_hash("T", SAID)


@pytest.mark.parametrize("case", EDITED)
def test_what_somebody_changed_is_an_edit(case: str) -> None:
    assert revision_hash("T", EDITED[case]) != revision_hash("T", SAID)


def test_a_title_is_part_of_it() -> None:
    assert len({revision_hash(title, SAID) for title in ("T", "U", None)}) == 3


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two &amp; three</p>", "One Two & three"),
        ("a <b>bold</b>er word<br/>x", "a bolder word x"),
        ("<script>var a = '<p>';</script>b<!-- c -->d", "b d"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("caf\x92s &#146; &nbsp; x", "caf’s ’ x"),
        ("<p title='a>b'>c</p>", "b'>c"),
        ("", ""),
    ],
)
def test_markup_to_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("AT&amp;T", "AT&T"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("Why <T> in Rust?", "Why <T> in Rust?"),
        ("Is 1 < 2?", "Is 1 < 2?"),
        ("<i>Ulysses</i> at 100", "Ulysses at 100"),
    ],
)
def test_a_title_is_text_or_html_and_only_known_tags_are_tags(title: str, text: str) -> None:
    assert plain_title(title) == text


@given(st.text(st.sampled_from("ab <>/!-&;pbscript'\"=#1[]"), max_size=80))
def test_no_markup_breaks_the_text(markup: str) -> None:
    for text in (plain_text(markup), plain_title(markup)):
        assert " ".join(text.split()) == text
    revision_hash(markup, markup)
