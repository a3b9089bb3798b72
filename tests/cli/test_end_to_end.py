"""The commands over a real web on loopback and a real store, as a user runs them."""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.store import Store

SETTINGS = """
[fetch]
allow_private_networks = ["127.0.0.0/8"]
per_host_delay_s = 0.0
[extract]
workers = 1
"""


@pytest.fixture
def home(tmp_path: Path, site, wirefold) -> Path:
    """A folder with a configuration for the site's feeds, and one that does not resolve."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text(SETTINGS)
    urls = [f"{site.base}{path}" for path in ("/gazette.xml", "/herald.xml", "/html", "/empty.xml")]
    assert wirefold("feeds", "add", *urls, "http://nohost.invalid/feed").code == 0
    return tmp_path


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_life_of_a_store_from_the_command_line(home: Path, site, wirefold: Callable) -> None:
    """once tells what became of every feed and entry; a second pass is conditional; tail, verify, rebuild and list agree."""
    first = wirefold("once", "--json")
    assert first.code == 1
    summary = json.loads(first.out)
    outcomes = {feed["url"].removeprefix(site.base): feed["outcome"] for feed in summary["feeds"]}
    assert outcomes == {
        "/gazette.xml": "ok",
        "/herald.xml": "ok",
        "/html": "html_not_feed",
        "/empty.xml": "empty_document",
        "http://nohost.invalid/feed": "dns_failure",
    }
    assert summary["entries"] == {
        "done": {"stored": 2},
        "retry": {"server_error": 1},
        "dropped": {"no_article": 1, "not_found": 1, "not_html": 1},
        "rejected": {},
    }
    assert summary["stories"] == {"created": 1, "joined": 1}

    site.asked.clear()
    second = wirefold("once", "--all")
    assert second.code == 1
    assert "5 feeds polled: 2 unchanged, 3 failed" in second.out
    asked = dict(site.asked)
    assert not {"/a1", "/a2", "/doc.pdf", "/gone", "/thin"} & set(asked)
    assert (asked["/gazette.xml"], asked["/herald.xml"]) == (304, 304)

    nothing_due = wirefold("once")
    assert (nothing_due.code, "5 not due yet" in nothing_due.out) == (0, True)
    assert re.search(
        r"^the next feed is due (in \d+ (min|h)|now); --all reads every feed now$", nothing_due.out, re.MULTILINE
    )

    _the_streams_are_read(wirefold)
    _the_health_is_told(wirefold, site)
    _the_store_is_exported(home, wirefold)
    _the_state_comes_back(home, wirefold)
    _content_is_taken_back(wirefold)


def test_verbose_logs_a_line_a_poll_and_a_line_a_page(home: Path, site, wirefold_process: Callable) -> None:
    done = wirefold_process("once", "-v", "--feed", f"{site.base}/herald.xml", "--config", home / "config")
    logged = [line.split(" ", 3)[3] for line in done.stderr.splitlines() if " pipeline.engines.session " in line]
    assert logged == [
        "started feeds=1 sources=0 entries=0",
        f"polled url={site.base}/herald.xml outcome=ok entries=1 new=1",
        f"page url={site.base}/a2 fate=done outcome=stored",
    ]
    assert "pipeline.engines.session" not in wirefold_process("once", "--config", home / "config").stderr


def _the_streams_are_read(wirefold: Callable) -> None:
    whole = lines(wirefold("tail").out)
    assert [line["seq"] for line in whole] == [1, 2, 3, 4]
    assert [line["type"] for line in lines(wirefold("tail", "--type", "story", "--from", "3").out)] == ["story"]
    assert lines(wirefold("tail", "--cursor", "reader").out) == whole
    assert wirefold("tail", "--cursor", "reader").out == ""
    checked = wirefold("store", "verify")
    assert (checked.code, checked.out) == (0, "4 lines in 2 segments: 2 articles, 1 story; seq 1 to 4: all is well\n")


def _the_store_is_exported(home: Path, wirefold: Callable) -> None:
    assert [row["id"] for row in lines(wirefold("export", "--format", "jsonl").out)] == [
        line["id"] for line in lines(wirefold("tail", "--type", "article").out)
    ]
    assert len(lines(wirefold("export", "--format", "jsonl", "--type", "story").out)) == 1
    written = json.loads(wirefold("export", "--format", "csv", "-o", "news.csv", "--json").out)
    assert written == {"files": [{"path": "news.csv", "rows": 2}, {"path": "news-stories.csv", "rows": 1}]}
    table = list(csv.DictReader((home / "news.csv").read_text().splitlines()))
    assert [row["time"] for row in table] == [row["time"] for row in lines(wirefold("export", "--format", "jsonl").out)]
    assert json.loads(wirefold("export", "-o", "news.jsonl", "--json").out)["files"][0]["path"] == "news.jsonl"
    assert len(lines((home / "news.jsonl").read_text())) == 2
    assert wirefold("export", "--format", "atom").out.startswith("<?xml")
    assert wirefold("export", "--format", "atom", "--type", "article").code == 2
    assert wirefold("export", "--format", "xls").code == 2


def _content_is_taken_back(wirefold: Callable) -> None:
    article = lines(wirefold("tail", "--type", "article").out)[0]
    assert wirefold("store", "redact", "a-nothing").code == 2
    assert wirefold("store", "redact", article["id"]).code == 0
    assert article["content_text"] not in wirefold("tail", "--from", "1").out.split("\n")[0]
    assert "withdrawn" in wirefold("stories", "show", article["id"]).out
    other = lines(wirefold("tail", "--type", "article").out)[1]["id"]
    for verb in ("diff", "explain"):
        refused = wirefold("stories", verb, other, article["id"])
        assert (refused.code, f"{article['id']}: withdrawn" in refused.err) == (2, True)
    assert wirefold("store", "compact", "--json").code == 0
    assert wirefold("store", "verify").code == 0


def _the_health_is_told(wirefold: Callable, site) -> None:
    health = {row["url"]: row for row in lines(wirefold("feeds", "list", "--json").out)}
    assert health[f"{site.base}/gazette.xml"]["outcome"] == "unchanged"
    assert health[f"{site.base}/gazette.xml"]["entries_seen"] == 5
    assert health["http://nohost.invalid/feed"]["last_success"] is None
    shown = wirefold("feeds", "list").out
    assert 'text="Gazette"' in wirefold("feeds", "export").out
    assert "dns_failure" in shown
    assert "Gazette" in shown


def _the_state_comes_back(home: Path, wirefold: Callable) -> None:
    before = fingerprints(home / "data")
    assert len(before) == 2
    database = home / "data" / "state" / "state.db"
    database.write_bytes(b"not a database at all" * 1000)
    damaged = wirefold("once")
    assert damaged.code == 3
    assert "wirefold store rebuild" in damaged.err
    assert wirefold("store", "rebuild").code == 0
    assert fingerprints(home / "data") == before
    assert wirefold("store", "verify").code == 0


def fingerprints(data: Path) -> dict:
    with Store.open(data, clock=lambda: datetime.now(UTC), write=False) as store:
        known = [article.id for article in store.articles.current()]
        found = store.fingerprints.get(known)
    # The line's own time stands for the moment of arrival: the same, but for the microseconds between the two.
    return {article_id: replace(one, arrived=None) for article_id, one in found.items()}


def test_backfill_reads_a_sitemap_and_a_list_and_goes_on_where_it_stopped(home: Path, site, wirefold) -> None:
    (home / "urls.txt").write_text(f"# pages\n{site.base}/a2\n\n{site.base}/a2\n")
    command = ("backfill", "--sitemap", f"{site.base}/sitemap.xml", "--urls", "urls.txt", "--json")
    first = json.loads(wirefold(*command).out)
    assert first["entries"]["done"] == {"stored": 2}
    site.asked.clear()
    again = wirefold(*command)
    assert again.code == 0
    assert json.loads(again.out)["entries"]["done"].get("stored", 0) == 0
    assert not [path for path, _ in site.asked if path in {"/a1", "/a2"}]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a source with --feed URL, --sitemap URL or --urls FILE"),
        (["--sitemap", "x"], "--sitemap: expected an http:// or https:// URL"),
        (["--urls", "nowhere.txt"], "nowhere.txt: no such file or directory"),
        (["--urls", "bad.txt"], "bad.txt:2: expected an http:// or https:// URL"),
        (["--urls", "empty.txt"], "empty.txt: no address in it"),
        (["--feed", "http://a.example/", "--since", "yesterday"], "--since: expected a date such as 2026-01-31"),
        (["--feed", "http://a.example/", "--since", "2026-02-01", "--until", "2026-01-31"], "is not before --until"),
    ],
)
def test_a_backfill_that_makes_no_sense_is_2(tmp_path: Path, wirefold, arguments: list[str], said: str) -> None:
    (tmp_path / "bad.txt").write_text("http://a.example/\nnonsense\n")
    (tmp_path / "empty.txt").write_text("# nothing\n")
    ran = wirefold("backfill", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_until_a_day_means_to_its_end() -> None:
    from pipeline.cli.backfill import moment

    assert moment("--until", "2026-01-31", end_of_day=True) == datetime(2026, 2, 1, tzinfo=UTC)
    assert moment("--until", "2026-01-31T12:00", end_of_day=True) == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert moment("--since", "2026-01-31T12:00+03:00") == datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert moment("--since", "2026-01-31") == datetime(2026, 2, 1, tzinfo=UTC) - timedelta(days=1)


class TestExtract:
    def test_a_page_from_the_web_is_one_article_record(self, home: Path, site, wirefold) -> None:
        ran = wirefold("extract", f"{site.base}/a1")
        [record] = lines(ran.out)
        assert ran.code == 0
        assert record["type"] == "article"
        assert record["url"] == f"{site.base}/a1"
        assert record["content_text"].replace("\n", " ").startswith("The council of the river town voted on Monday")
        assert record["seq"] is record["story_id"] is None

    def test_its_keys_are_those_of_the_streams_lines(self, home: Path, site, wirefold) -> None:
        wirefold("once", "--feed", f"{site.base}/herald.xml")
        stored = lines(wirefold("tail", "--type", "article").out)[0]
        [extracted] = lines(wirefold("extract", f"{site.base}/a2").out)
        assert list(extracted) == list(stored)
        assert extracted["id"] == stored["id"]
        assert extracted["content_hash"] == stored["content_hash"]

    def test_what_is_no_article_is_told_with_its_reason_and_the_others_go_on(self, home: Path, site, wirefold) -> None:
        ran = wirefold("extract", f"{site.base}/doc.pdf", f"{site.base}/gone", f"{site.base}/a1")
        assert ran.code == 1
        assert len(lines(ran.out)) == 1
        assert "not_html: application/pdf (the page is not HTML" in ran.err
        assert "not_found: HTTP 404" in ran.err

    def test_a_saved_page_keeps_the_address_that_it_names(self, tmp_path: Path, site, wirefold) -> None:
        html = f"<head><link href='https://a.example/x?a=1&amp;b=2' rel='canonical'></head><article><h1>B</h1><p>{site.story}</article>"
        (tmp_path / "saved.html").write_text(f"<html>{html}</html>")
        [record] = lines(wirefold("extract", "saved.html").out)
        assert record["url"] == "https://a.example/x?a=1&b=2"
        assert record["source"]["domain"] == "a.example"
        assert record["credits"] == []

    def test_explain_is_for_a_person_and_with_json_adds_the_notes(self, tmp_path: Path, site, wirefold) -> None:
        (tmp_path / "saved.html").write_text(f"<html><article><h1>Bridge</h1><p>{site.story}</article></html>")
        shown = wirefold("extract", "saved.html", "--explain", "--url", "https://a.example/1").out
        assert "https://a.example/1" in shown
        assert "trafilatura" in shown
        [record] = lines(wirefold("extract", "saved.html", "--explain", "--json").out)
        assert record["notes"]


class TestGroup:
    @pytest.fixture
    def corpus(self, tmp_path: Path, site) -> Path:
        texts = {
            1: site.story,
            2: site.story,
            3: "Quite another text about a football match in the rain, with words of its own only.",
        }
        rows = [json.dumps({"id": number, "content_text": text}) for number, text in texts.items()]
        path = tmp_path / "corpus.jsonl"
        path.write_text("\n".join(rows) + "\n")
        return path

    def test_equal_story_ids_exactly_for_what_is_grouped(self, corpus: Path, wirefold) -> None:
        ran = wirefold("group", corpus)
        one, two, three = (row["story_id"] for row in lines(ran.out))
        assert ran.code == 0
        assert one == two != three
        assert ran.err == "3 records in 2 stories\n"

    def test_a_bad_line_is_named_and_skipped_and_the_code_is_1(self, corpus: Path, wirefold) -> None:
        corpus.write_text(corpus.read_text() + "nonsense\n")
        ran = wirefold("group", corpus, "-o", "out.jsonl", "--json")
        assert ran.code == 1
        assert f"{corpus}:4: " in ran.err
        assert json.loads(ran.err.splitlines()[-1]) == {"records": 3, "stories": 2, "failed": 1}
        assert len(lines(Path("out.jsonl").read_text())) == 3

    def test_a_file_that_is_not_there_is_2_and_leaves_no_half_output(self, wirefold, tmp_path: Path) -> None:
        ran = wirefold("group", "nowhere.jsonl", "-o", "out.jsonl")
        assert (ran.code, ran.out) == (2, "")
        assert not list(tmp_path.iterdir())


def test_commands_that_read_a_store_say_where_there_is_none(wirefold) -> None:
    for command in (
        ["tail"],
        ["store", "verify"],
        ["store", "rebuild"],
        ["store", "compact"],
        ["export", "--format", "csv"],
    ):
        ran = wirefold(*command, "--data", "nowhere")
        assert ran.code == 2
        assert "nowhere holds no store" in ran.err


def test_from_and_cursor_exclude_each_other(wirefold) -> None:
    assert wirefold("tail", "--from", "3", "--cursor", "x").code == 2


def test_a_cursor_s_name_is_no_path(wirefold, tmp_path: Path) -> None:
    assert wirefold("tail", "--cursor", "../x").code == 2
    assert not list(tmp_path.iterdir())


def test_a_type_that_is_none_is_named(wirefold) -> None:
    ran = wirefold("tail", "--type", "articles")
    assert (ran.code, 'expected "article" or "story"' in ran.err) == (2, True)


class TestFeedsList:
    def test_what_is_added_can_be_removed(self, wirefold) -> None:
        assert wirefold("feeds", "add", "https://a.example/feed", "--name", "A").out.splitlines() == [
            "added https://a.example/feed",
            "config/feeds.toml: 1 feed",
        ]
        assert "already listed" in wirefold("feeds", "add", "https://A.example/feed").out
        assert json.loads(wirefold("feeds", "remove", "https://a.example/feed", "--json").out) == {
            "removed": ["https://a.example/feed"],
            "not_listed": [],
        }

    def test_removing_what_is_not_there_is_1_and_names_what_was_meant(self, wirefold) -> None:
        wirefold("feeds", "add", "https://a.example/feed")
        ran = wirefold("feeds", "remove", "https://a.example/feeds")
        assert ran.code == 1
        assert "did you mean https://a.example/feed?" in ran.out

    @pytest.mark.parametrize(
        "arguments",
        [
            ["a.example"],
            ["https://a.example/", "--interval-minutes", "0"],
            ["https://a.example/", "https://b.example/", "--name", "x"],
        ],
    )
    def test_nonsense_is_2_and_writes_nothing(self, wirefold, tmp_path: Path, arguments: list[str]) -> None:
        assert wirefold("feeds", "add", *arguments).code == 2
        assert not (tmp_path / "config").exists()


class TestOpml:
    def test_a_list_that_is_exported_can_be_imported_elsewhere(self, wirefold, tmp_path: Path) -> None:
        wirefold("feeds", "add", "https://a.example/feed", "--name", "ڕووداو & A")
        wirefold("feeds", "add", "https://b.example/feed", "--interval-minutes", "15")
        assert wirefold("feeds", "export", "-o", "list.opml").code == 0
        assert wirefold("feeds", "import", "list.opml", "--config", "other").code == 0
        listed = [wirefold("feeds", "export", "--json", "--config", name).out for name in ("config", "other")]
        assert listed[0] == listed[1]
        assert len(lines(listed[0])) == 2

    def test_an_opml_list_is_the_list_where_there_is_no_toml(self, wirefold, tmp_path: Path) -> None:
        (tmp_path / "config").mkdir()
        outlines = "".join(f'<outline text="F{n}" xmlUrl="https://f{n % 2}.example/"/>' for n in range(4))
        (tmp_path / "config" / "feeds.opml").write_text(f'<opml version="1.0"><body>{outlines}</body></opml>')
        assert len(lines(wirefold("feeds", "list", "--json").out)) == 2
        assert wirefold("feeds", "add", "https://c.example/").code == 2

    def test_a_bad_address_in_an_import_is_named_and_the_others_are_taken(self, wirefold, tmp_path: Path) -> None:
        text = (
            '<opml version="2.0"><body><outline xmlUrl="nonsense"/><outline xmlUrl="https://a.example/"/></body></opml>'
        )
        (tmp_path / "list.opml").write_text(text)
        ran = wirefold("feeds", "import", "list.opml")
        assert ran.code == 1
        assert "nonsense" in ran.err
        assert "added https://a.example/" in ran.out

    def test_what_is_no_opml_is_2(self, wirefold, tmp_path: Path) -> None:
        (tmp_path / "list.opml").write_text("<html></html>")
        ran = wirefold("feeds", "import", "list.opml")
        assert ran.code == 2
        assert "not an OPML feed list" in ran.err


class TestFeedsCheck:
    def test_every_feed_is_looked_at_and_what_is_wrong_comes_with_advice(self, home: Path, site, wirefold) -> None:
        ran = wirefold("feeds", "check", "--json")
        found = {row["url"].removeprefix(site.base): row for row in lines(ran.out)}
        assert ran.code == 1
        assert list(found) == ["/gazette.xml", "/herald.xml", "/html", "/empty.xml", "http://nohost.invalid/feed"]
        assert (found["/gazette.xml"]["entries"], found["/gazette.xml"]["newest"]) == (
            5,
            f"{site.published:%Y-%m-%dT%H:%M:%SZ}",
        )
        assert found["/html"]["outcome"] == "html_not_feed"
        assert "feeds discover" in found["/html"]["findings"][0]["remedy"]
        assert not (home / "data").exists()

    def test_one_good_feed_is_0(self, home: Path, site, wirefold) -> None:
        ran = wirefold("feeds", "check", f"{site.base}/herald.xml")
        assert ran.code == 0
        assert "1 feed: 1 alive, 0 cannot be read" in ran.out

    def test_a_feed_that_moved_for_good_is_told_where_to(self, home: Path, site, wirefold) -> None:
        site.moved["/old.xml"] = "/herald.xml"
        [row] = lines(wirefold("feeds", "check", f"{site.base}/old.xml", "--json").out)
        assert f"answers with a permanent redirect to {site.base}/herald.xml" in [
            one["text"] for one in row["findings"]
        ]

    def test_a_private_address_is_refused_with_the_line_that_permits_it(self, home: Path, site, wirefold) -> None:
        (home / "config" / "pipeline.toml").write_text("")
        line = 'add to pipeline.toml: [fetch] allow_private_networks = ["127.0.0.0/8"]'
        assert line in wirefold("feeds", "check", f"{site.base}/herald.xml").out
        assert line in wirefold("once", "--feed", f"{site.base}/herald.xml").out


class TestFeedsDiscover:
    def test_a_site_without_a_scheme_is_asked_in_the_clear_where_it_speaks_no_tls(
        self, home: Path, site, wirefold
    ) -> None:
        bare = site.base.removeprefix("http://")
        [row] = lines(wirefold("feeds", "discover", f"{bare}/gazette.xml", "--json").out)
        assert row["url"] == f"{site.base}/gazette.xml"

    def test_what_the_page_declares_is_found_and_read(self, home: Path, site, wirefold) -> None:
        link = '<link rel="alternate" type="application/rss+xml" href="/herald.xml">'
        site.pages["/home"] = ("text/html", f"<html><head>{link}</head><body>Herald</body></html>")
        [row] = lines(wirefold("feeds", "discover", f"{site.base}/home", "--json").out)
        assert (row["url"], row["tier"], row["entries"]) == (f"{site.base}/herald.xml", "declared", 1)

    def test_where_nothing_is_declared_the_usual_places_are_tried(self, home: Path, site, wirefold) -> None:
        site.pages["/rss.xml"] = site.pages["/herald.xml"]
        ran = wirefold("feeds", "discover", f"{site.base}/html")
        assert ran.code == 0
        assert f"wirefold feeds add {site.base}/rss.xml" in ran.out

    def test_a_feed_is_its_own_answer(self, home: Path, site, wirefold) -> None:
        [row] = lines(wirefold("feeds", "discover", f"{site.base}/gazette.xml", "--json").out)
        assert row["title"] == "Gazette"

    def test_none_is_1_and_says_how_many_addresses_were_tried(self, home: Path, site, wirefold) -> None:
        ran = wirefold("feeds", "discover", f"{site.base}/a1")
        assert ran.code == 1
        assert f"no feed found at {site.base}/a1; " in ran.out
