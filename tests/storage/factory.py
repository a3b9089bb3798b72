"""Records for the store's tests, as small as the types allow; every field can be overridden."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.records import Article, Entry, Extraction, Fingerprint, Origin, Source, Story

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that goes on by ``step`` with every look, and jumps where a test asks for it."""

    def __init__(self, at=START, step=timedelta(0)):
        self.at = at
        self.step = step

    def __call__(self):
        self.at += self.step
        return self.at


def article(number=1, *, host="a.example", text="The bridge was closed on Monday.", **changes):
    made = Article(
        id=f"art-{number}", revision=1, status="usable", url=f"https://{host}/{number}", canonical_url=None,
        source=Source(name="A", domain=host), feeds=(f"https://{host}/feed",), entry_id=f"guid-{number}", via="feed",
        backfill=False, kind="article", title=f"Title {number}", authors=(), summary=None, section=None, tags=(),
        image=None, language="en", date_published=START + timedelta(minutes=number), date_published_raw=None,
        date_published_from="feed", date_modified=None, date_first_seen=START, date_fetched=START, content_text=text,
        credits=(), dateline=None, extraction=Extraction(method="test", recipe="test/1"),
        content_hash=f"hash-{text}", story_id=f"story-{number}", match=None,
    )  # fmt: skip
    return replace(made, **changes)


def story(number=1, *, members=None, change="created", merged_from=(), **changes):
    members = members or (f"art-{number}",)
    made = Story(
        story_id=f"story-{number}", change=change, members=tuple(members), canonical=members[0],
        origin=Origin(article_id=members[0], name=None, evidence=()), merged_from=tuple(merged_from), related=(),
        title=f"Title {number}", date_first_published=START, date_updated=START, languages=("en",),
        sources=("a.example",), versions=(),
    )  # fmt: skip
    return replace(made, **changes)


def entry(number=1, *, host="a.example", feed="https://a.example/feed", **changes):
    url = f"https://{host}/{number}"
    made = Entry(
        key=url, url=url, feed_url=feed, entry_id=str(number), via="feed", revision_hash="r1", title=f"T {number}"
    )
    return replace(made, **changes)


def fingerprint(number=1, *, arrival=None, **changes):
    made = Fingerprint(
        article_id=f"art-{number}", profile="p1", site="a.example", story_id=f"story-{number}",
        event_time=START + timedelta(minutes=number), arrival=arrival or number, words=100, title=f"Title {number}",
        text_hash=b"\0" * 16, signature=b"\1" * 512, shingles=b"\2" * 800, numbers=("1", "22"), aggregate=False,
    )  # fmt: skip
    return replace(made, **changes)


def publish(store, first, last):
    """One transaction with an article and its story for each number in first..last."""
    with store.transaction() as tx:
        for number in range(first, last + 1):
            tx.articles.put(article(number), [f"https://a.example/{number}"])
            tx.stories.put(story(number))


def die(store):
    """Ends a writer as a crash would: nothing is settled, only the kernel's part (lock, files) is done."""
    store._release()
