"""Identity: however a site announces, the store finds exactly the true number of articles (scripted polls, real frontier)."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest

from pipeline.stages.discover import parse_feed
from pipeline.stages.identity import is_backfill, look_again_at
from storage import Store, StoreOptions
from storage.records import Entry, Feed, Validators

START = datetime(2026, 5, 10, 8, tzinfo=UTC)
FEED = "https://herald.example/feed.xml"


@dataclass
class Story:
    """An article as its site announces it at one moment."""

    number: int
    title: str = ""
    link: str = ""
    guid: str | None = ""
    body: str = ""
    published: str = "Sun, 10 May 2026 07:00:00 GMT"

    def __post_init__(self) -> None:
        self.title = self.title or f"Story number {self.number}"
        self.link = self.link or f"https://herald.example/2026/05/story-{self.number}"
        self.guid = f"https://herald.example/?p={self.number}" if self.guid == "" else self.guid
        self.body = self.body or f"<p>What happened in case {self.number}, told at length.</p>"


def document(stories: list[Story]) -> bytes:
    items = "".join(
        f"<item><title>{escape(s.title)}</title><link>{escape(s.link)}</link>"
        + (f"<guid isPermaLink='false'>{escape(s.guid)}</guid>" if s.guid is not None else "")
        + f"<pubDate>{s.published}</pubDate><description>{escape(s.body)}</description></item>"
        for s in stories
    )
    return f"<rss version='2.0'><channel><title>Herald</title><link>https://herald.example/</link>{items}</channel></rss>".encode()


@dataclass
class Reader:
    """Polls into a real store, as ``steps`` does."""

    store: Store
    now: datetime = START
    outcomes: list[Counter[str]] = field(default_factory=list)

    def poll(self, stories: list[Story], feed_url: str = FEED) -> Counter[str]:
        parsed = parse_feed(document(stories), url=feed_url, headers={}, fetched_at=self.now)
        with self.store.transaction() as tx:
            seen = Counter(tx.frontier.announce(parsed.entries, self.now))
        self.now += timedelta(minutes=30)
        self.outcomes.append(seen)
        return seen

    @property
    def new(self) -> int:
        return sum(seen["new"] for seen in self.outcomes)

    @property
    def edited(self) -> int:
        return sum(seen["edited"] for seen in self.outcomes)


@pytest.fixture
def reader(tmp_path) -> Iterator[Reader]:
    with Store.open(tmp_path / "data", StoreOptions(fsync="none"), clock=lambda: START) as store:
        yield Reader(store)


def window(poll: int) -> list[Story]:
    """Ten stories, two new ones at each poll: six polls show 20."""
    return [Story(number) for number in range(poll * 2, poll * 2 + 10)]


TRUE_COUNT = 20
Change = Callable[[int, Story], Story]


def changed(**how: Callable[[int, Story], str | None]) -> Change:
    return lambda poll, story: replace(story, **{name: value(poll, story) for name, value in how.items()})


SAME_ARTICLES: dict[str, Change] = {
    "nothing changes": lambda _, story: story,
    "all guids equal": changed(guid=lambda _p, _s: "42"),
    "all guids equal and an address": changed(guid=lambda _p, _s: "https://herald.example/"),
    "blank guids": changed(guid=lambda _p, _s: " "),
    "no guids": changed(guid=lambda _p, _s: None),
    "guids are positions in the list": changed(guid=lambda poll, story: str(story.number - poll * 2)),
    "guids are positions in the list, as fragments": changed(guid=lambda poll, story: f"https://herald.example/#{story.number - poll * 2}"),
    "guids are positions in the list, as addresses": changed(guid=lambda poll, story: f"https://herald.example/top/{story.number - poll * 2 + 1}"),
    "http and https in turn": changed(link=lambda poll, story: story.link.replace("https", "https" if poll % 2 else "http")),
    "www and no www in turn": changed(link=lambda poll, story: story.link.replace("//", "//www." if poll % 2 else "//")),
    "all guids replaced at each poll": changed(guid=lambda poll, story: f"{poll}-{story.number}-nonce"),
    "guids are new uuids at each poll": changed(guid=lambda poll, story: f"{poll:08x}-0000-4000-8000-{story.number:012x}"),
    "tracking differs at each poll": changed(link=lambda poll, story: f"{story.link}?utm_source=rss&utm_campaign={poll}"),
    "session ids differ at each poll": changed(link=lambda poll, story: f"{story.link};jsessionid={poll:032X}?PHPSESSID={poll:032x}"),
    "AMP and plain in turn": changed(link=lambda poll, story: story.link + ("/amp/" if poll % 2 else "")),
    "trailing slash in turn": changed(link=lambda poll, story: story.link + ("/" if poll % 2 else "")),
    "Google Alerts wraps the link": changed(link=lambda poll, story: f"https://www.google.com/url?rct=j&sa=t&url={story.link}&ct=ga&cd={poll}"),
    "a nonce in the markup": changed(body=lambda poll, story: f"{story.body}<img src='https://count.example/{poll}.gif'/><span data-n='{poll}'></span>"),
    "a nonce in the text": changed(body=lambda poll, story: f"{story.body} ref a{poll:015x}b9"),
    "a counter in the text": changed(body=lambda poll, story: f"{story.body} <b>{poll * 17} views</b> Comments: {poll}"),
    "an age in the text": changed(body=lambda poll, story: f"{poll + 2} minutes ago {story.body}"),
    "whitespace differs": changed(body=lambda poll, story: story.body.replace(" ", " " * (poll + 1))),
    "the date is that of the poll": changed(published=lambda poll, _s: f"Sun, 10 May 2026 {8 + poll:02}:00:00 GMT"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME_ARTICLES)
def test_six_polls_give_the_true_number_of_articles_and_no_revision(case: str, reader: Reader) -> None:
    for poll in range(6):
        reader.poll([SAME_ARTICLES[case](poll, story) for story in window(poll)])
    assert (reader.new, reader.edited) == (TRUE_COUNT, 0)


def test_the_order_does_not_matter(reader: Reader) -> None:
    for poll in range(6):
        stories = window(poll)
        reader.poll(stories[poll:] + stories[:poll] if poll % 2 else stories[::-1])
    assert (reader.new, reader.edited) == (TRUE_COUNT, 0)


def test_the_same_item_twice_in_a_document_is_one(reader: Reader) -> None:
    for poll in range(6):
        reader.poll([story for story in window(poll) for _ in range(2)])
    assert (reader.new, reader.edited) == (TRUE_COUNT, 0)


def test_an_item_in_three_feeds_of_a_site_is_one_article(reader: Reader) -> None:
    for poll in range(6):
        for section in ("all", "politics", "world"):
            stories = [replace(story, guid=f"{section}-{story.number}") for story in window(poll)]
            reader.poll(stories, f"https://herald.example/{section}.xml")
    assert (reader.new, reader.edited) == (TRUE_COUNT, 0)


def test_what_vanishes_and_returns_is_not_new(reader: Reader) -> None:
    for poll in range(6):
        reader.poll([story for story in window(0) if (story.number + poll) % 2])
    assert (reader.new, reader.edited) == (10, 0)


def test_an_edit_is_announced_once(reader: Reader) -> None:
    for poll in range(6):
        body = "<p>Now five dead, not three.</p>" if poll >= 3 else "<p>Now three dead.</p>"
        reader.poll([replace(story, body=body) if story.number == 9 else story for story in window(poll // 3)])
    assert (reader.new, reader.edited) == (12, 1)


def test_a_new_title_is_an_edit(reader: Reader) -> None:
    reader.poll([Story(1)])
    assert reader.poll([replace(Story(1), title="Correction: story number 1")]) == Counter(edited=1)


def test_a_link_that_moves_is_known_by_its_permanent_guid(reader: Reader) -> None:
    reader.poll([Story(1, link="https://herald.example/2026/05/old-slug")])
    assert reader.poll([Story(1, link="https://herald.example/2026/05/new-slug")])["new"] == 0


def test_a_counting_redirect_and_its_target_are_one(reader: Reader) -> None:
    reader.poll([Story(1)])
    assert reader.poll([Story(1, link="https://feeds.example.net/~r/herald/77")])["new"] == 0


def test_links_to_the_front_page_tell_nothing_apart(reader: Reader) -> None:
    stories = [Story(i, link="https://herald.example/", guid=f"notice {i}") for i in range(5)]
    assert reader.poll(stories) == Counter(new=5)
    assert reader.poll(stories) == Counter(known=5)


def test_items_without_links_are_known_by_their_id_or_else_by_what_they_say() -> None:
    body = "<rss version='2.0'><channel>{}</channel></rss>"
    items = "<item><guid isPermaLink='false'>a1</guid><description>One</description></item><item><title>T</title><description>Two</description></item><item><title>Only a title</title></item>"
    feed = parse_feed(body.format(items).encode(), url=FEED, headers={}, fetched_at=START)
    assert [(entry.has_page, entry.url) for entry in feed.entries] == [(False, FEED)]
    assert (feed.entries[0].key, feed.dropped) == (
        f"text:herald.example/feed.xml|{feed.entries[0].key.partition('|')[2]}",
        2,
    )
    assert "identity_degraded" in feed.warnings


def test_keys_of_items_without_links_are_of_one_feed_only() -> None:
    body = b"<rss version='2.0'><channel><item><guid isPermaLink='false'>a1</guid><description>One</description></item></channel></rss>"
    one, other = (
        parse_feed(body, url=url, headers={}, fetched_at=START).entries[0]
        for url in (FEED, "https://other.example/feed")
    )
    assert (one.key, one.key == other.key) == ("guid:herald.example/feed.xml|a1", False)


# -- history that is announced again


def entry(published: datetime | None) -> Entry:
    return Entry(
        key="k",
        url="https://herald.example/k",
        feed_url=FEED,
        entry_id=None,
        via="feed",
        revision_hash="",
        date_published=published,
    )


def feed_read(at: datetime | None) -> Feed:
    return Feed(url=FEED, last_success=at, validators=Validators(full_at=at))


def test_600_posts_of_four_years_ago_are_history() -> None:
    feed = feed_read(START - timedelta(minutes=30))
    posts = [entry(START - timedelta(days=1460, hours=i)) for i in range(600)]
    assert all(is_backfill(post, feed, START) for post in posts)
    assert not is_backfill(entry(START - timedelta(hours=1)), feed, START)


def test_a_feed_that_returns_after_40_days_has_news() -> None:
    for read in (START - timedelta(days=40), START - timedelta(minutes=30)):
        assert not any(is_backfill(entry(START - timedelta(hours=i)), feed_read(read), START) for i in range(30))
    missed = [entry(START - timedelta(days=day)) for day in range(40)]
    assert not any(is_backfill(one, feed_read(START - timedelta(days=40)), START) for one in missed)


def test_subscribing_makes_no_news_of_an_archive_and_undated_entries_are_news() -> None:
    assert is_backfill(entry(START - timedelta(days=31)), feed_read(None), START)
    assert not is_backfill(entry(START - timedelta(days=29)), feed_read(None), START)
    assert not is_backfill(entry(None), feed_read(None), START)


def test_a_first_edit_is_looked_at_promptly_and_endless_ones_are_not_chased() -> None:
    first_seen = START
    looked, looks = START, 0
    for minute in range(0, 30 * 24 * 60, 10):
        now = START + timedelta(minutes=minute)
        if look_again_at(first_seen, looked, now) <= now:
            looked, looks = now, looks + 1
    assert look_again_at(START, START, START + timedelta(hours=3)) == START + timedelta(hours=3)
    assert 25 <= looks <= 50
