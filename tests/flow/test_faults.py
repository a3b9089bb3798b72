"""What goes wrong costs what it concerns, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.engines import once
from pipeline.errors import Retry
from pipeline.stages.download import settle
from pipeline.steps import keep as keep_module
from storage.errors import StoreFailed
from storage.records import Entry
from storage.verify import verify

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WORDS = " ".join(f"word{n * n % 83} of{n}" for n in range(120))


def page(title: str, head: str = "") -> bytes:
    html = f"<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1><p>{title} {WORDS}</p></article>"
    return html.encode()


@pytest.fixture
def feed_of_three(served):
    links = []
    for name in ("one", "two", "three"):
        served.docs[f"/{name}.html"] = served.Doc(page(f"Story {name}"))
        links.append(f"{served.origin}/{name}.html")
    return served.feed("/feed.xml", [f"<item><link>{u}</link><guid>{u}</guid></item>" for u in links])


def titles(lines, data):
    return sorted(line["title"] for line in lines(data) if line["type"] == "article")


def test_half_an_emoji_in_a_headline_is_stored_as_a_replacement_character(
    served, feed_of_three, settings_for, tmp_path, lines
):
    data = r'<script type="application/ld+json">{"@type":"NewsArticle","headline":"Big news \ud83d"}</script>'
    served.docs["/two.html"] = served.Doc(
        f"<html><head>{data}</head><body><article><p>{WORDS}</p></article></body></html>".encode()
    )
    summary = once.run(settings_for(feed_of_three), tmp_path)
    assert summary.fates["done", "stored"] == 3
    assert "Big news \ufffd" in titles(lines, tmp_path)


def test_a_record_that_cannot_be_kept_is_rejected_by_name_and_costs_only_itself(
    feed_of_three, settings_for, tmp_path, lines, monkeypatch
):
    real = keep_module.keep_article

    def failing(tx, grouper, collected, now):
        done = real(tx, grouper, collected, now)
        if "two" in collected.url:
            raise RuntimeError("a defect of ours")
        return done

    monkeypatch.setattr(keep_module, "keep_article", failing)
    summary = once.run(settings_for(feed_of_three), tmp_path)
    assert summary.fates["done", "stored"] == 2
    assert summary.fates["rejected", "internal_error"] == 1
    assert titles(lines, tmp_path) == ["Story one", "Story three"]
    assert verify(tmp_path).ok


@pytest.mark.timeout(60)
def test_a_store_that_fails_ends_the_run_at_once_and_the_next_run_goes_on(
    feed_of_three, settings_for, tmp_path, lines, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(
            keep_module.Keep, "_commit", lambda self, batch: (_ for _ in ()).throw(StoreFailed("disk full"))
        )
        with pytest.raises(StoreFailed, match="disk full"):
            once.run(settings_for(feed_of_three), tmp_path)
    once.run(settings_for(feed_of_three), tmp_path)
    assert titles(lines, tmp_path) == ["Story one", "Story three", "Story two"]


def entry(attempts: int, age: timedelta = timedelta(0)) -> Entry:
    return Entry(
        key="k", url="http://a.example/1", feed_url=None, entry_id=None, via="feed", revision_hash="",
        first_seen=NOW - age, attempts=attempts,
    )  # fmt: skip


@pytest.mark.parametrize("slug", ["host_closed", "rate_limited", "interrupted", "robots_unreachable"])
def test_what_is_nobodys_fault_is_no_try(slug):
    fate = settle(entry(attempts=40), Retry(slug, retry_after_s=90.0), NOW, 5)
    assert (fate.fate, fate.counted) == ("retry", False)
    assert fate.retry_at >= NOW + timedelta(seconds=90)


def test_a_night_without_network_is_not_the_end_of_an_entry():
    assert settle(entry(attempts=4, age=timedelta(hours=12)), Retry("dns_failure"), NOW, 5).fate == "retry"
    assert settle(entry(attempts=4, age=timedelta(days=3)), Retry("dns_failure"), NOW, 5).fate == "rejected"
    assert settle(entry(attempts=4), Retry("server_error"), NOW, 5).fate == "rejected"
