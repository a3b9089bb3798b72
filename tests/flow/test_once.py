"""``once``: what becomes of feeds and entries, good and bad."""

import pytest

from pipeline.engines import once
from pipeline.errors import SLUGS

BODY = (
    "The council of the river district met on Monday to decide what should become of the old ferry landing, which has "
    "stood empty since the bridge was opened nine years ago. Members heard from four residents and from the harbour "
    "master, who said that the timber piles would not last another winter without repair. "
)


def article(title: str, text: str, *, extra: str = "") -> bytes:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n"))
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{extra}</head>"
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    ).encode()


def item(link: str, title: str = "A title", guid: str | None = None) -> str:
    return f"<item><title>{title}</title><link>{link}</link><guid>{guid or link}</guid></item>"


def text(seed: str) -> str:
    """A body of its own for every seed."""
    return "\n".join(" ".join(f"{seed}{n * 7 % 31}{word}" for n, word in enumerate(BODY.split())) for _ in range(3))


def test_bad_input_has_a_named_outcome_each_and_stops_nothing(served, settings_for, tmp_path, lines):
    served.docs["/good.html"] = served.Doc(article("Ferry landing", text("a")))
    served.docs["/paper.pdf"] = served.Doc(b"%PDF-1.7 not a page", "application/pdf")
    served.docs["/bare.html"] = served.Doc(b"<html><body><nav><a href=/>Home</a></nav></body></html>")
    served.docs["/home"] = served.Doc(b"<!doctype html><html><body><h1>We moved</h1></body></html>")
    served.docs["/empty.xml"] = served.Doc(b"", "application/rss+xml")
    good = served.feed(
        "/good.xml",
        [item(served.origin + path) for path in ("/good.html", "/paper.pdf", "/bare.html", "/missing.html")],
    )
    unresolvable = "http://no-such-host.invalid/feed.xml"
    settings = settings_for(good, f"{served.origin}/home", f"{served.origin}/empty.xml", unresolvable)

    summary = once.run(settings, tmp_path)

    outcomes = {line.url: line.outcome for line in summary.feeds.values()}
    assert outcomes == {
        good: "ok",
        f"{served.origin}/home": "html_not_feed",
        f"{served.origin}/empty.xml": "empty_document",
        unresolvable: "dns_failure",
    }
    assert dict(summary.fates) == {
        ("done", "stored"): 1,
        ("dropped", "not_html"): 1,
        ("dropped", "no_article"): 1,
        ("dropped", "not_found"): 1,
    }
    assert {slug for _, slug in summary.fates} - {"stored"} <= SLUGS.keys()
    assert [line["title"] for line in lines(tmp_path) if line["type"] == "article"] == ["Ferry landing"]
    assert summary.failed


def test_a_corrected_page_becomes_revision_two_once(served, settings_for, tmp_path, lines):
    link = served.origin + "/story.html"
    served.docs["/story.html"] = served.Doc(article("First headline", text("b")))
    feed = served.feed("/feed.xml", [item(link, "First headline")])
    once.run(settings_for(feed), tmp_path)

    served.docs["/story.html"] = served.Doc(article("Second headline", text("b") + "\nA correction was added."))
    served.feed("/feed.xml", [item(link, "Second headline")])
    second = once.run(settings_for(feed), tmp_path, all_feeds=True)
    third = once.run(settings_for(feed), tmp_path, all_feeds=True)

    revisions = [(line["id"], line["revision"], line["title"]) for line in lines(tmp_path) if line["type"] == "article"]
    assert [revision for _, revision, _ in revisions] == [1, 2]
    assert len({identity for identity, _, _ in revisions}) == 1
    assert revisions[1][2] == "Second headline"
    assert second.fates["done", "revised"] == 1
    assert third.entries == 0


def test_one_article_in_two_feeds_is_fetched_once_and_names_both(served, settings_for, tmp_path, lines):
    served.docs["/a.html"] = served.Doc(article("One article", text("c")))
    feeds = [
        served.feed("/one.xml", [item(served.origin + "/a.html?utm_source=one")]),
        served.feed("/two.xml", [item(served.origin + "/a.html?utm_source=two", guid="other")]),
    ]
    served.docs["/a.html?utm_source=one"] = served.docs["/a.html?utm_source=two"] = served.docs["/a.html"]

    once.run(settings_for(*feeds), tmp_path)

    articles = [line for line in lines(tmp_path) if line["type"] == "article"]
    assert len(articles) == 1
    assert len(served.asked("/a.html")) == 1
    assert sorted(articles[0]["feeds"]) == sorted(feeds)


def test_entries_that_wait_are_collected_by_the_next_pass(served, settings_for, tmp_path, lines):
    served.docs["/late.html"] = served.Doc(b"not yet", status=503, headers={"Retry-After": "0"})
    feed = served.feed("/feed.xml", [item(served.origin + "/late.html")])
    first = once.run(settings_for(feed), tmp_path)
    assert sum(count for (fate, _), count in first.fates.items() if fate == "retry") == 1
    assert first.pending == 1


def test_without_feeds_the_error_says_where_to_list_some(settings_for, tmp_path):
    with pytest.raises(Exception, match=r"feeds\.toml"):
        once.run(settings_for(), tmp_path)
