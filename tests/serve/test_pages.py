"""Pages over real HTTP, from a server process over the demo's store."""

import re
from pathlib import Path

import pytest
from lxml import html

from pipeline.engines import rebuild
from pipeline.settings import Settings
from tests.serve.made import Corpus, article, story
from tests.serve.running import serving, until

pytestmark = pytest.mark.xdist_group("serve")


@pytest.fixture(scope="session")
def addresses(server, told):
    """One address of every page."""
    copy = next(one for one in told["versions"] if one["based_on"])
    pair = f"a={copy['based_on']}&b={copy['article_id']}"
    feed = server.json("/api/v1/feeds")["feeds"][0]["url"]
    revised = next(one for one in told["versions"] if one["revision"] > 1)
    return {
        "stories": "/",
        "search": "/?q=river&versions=2",
        "story": f"/stories/{told['story_id']}",
        "article": f"/articles/{revised['article_id']}",
        "diff": f"/diff?{pair}",
        "revisions": f"/diff?a={revised['article_id']}&ra=1&b={revised['article_id']}&rb=2",
        "explain": f"/explain?{pair}",
        "sources": "/sources?period=all",
        "feeds": "/feeds",
        "feed": f"/feeds/detail?url={feed}",
        "entries": "/entries?slug=not_found",
        "about": "/about",
    }


def test_every_link_of_every_page_leads_somewhere(server, addresses):
    todo, seen = list(addresses.values()), set()
    while todo:
        path = todo.pop()
        if path in seen or len(seen) >= 60:
            continue
        seen.add(path)
        answer = server.get(path)
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            document = html.fromstring(answer.text)
            links = [a.get("href") for a in document.iter("a")]
            todo += [link for link in links if link.startswith("/")]
            assert all(link.startswith(("/", "http", "#")) for link in links), path
    assert len(seen) == 60


def test_no_page_loads_or_runs_anything_that_is_not_ours(server, addresses):
    for path in addresses.values():
        answer = server.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        document = html.fromstring(answer.text)
        assert not document.xpath("//style | //script[not(@src)] | //*[@style] | //img | //iframe | //object")
        assert not document.xpath("//@*[starts-with(name(), 'on')]")
        loaded = document.xpath("//script/@src | //link[not(@rel='alternate') and not(@rel='next')]/@href")
        assert loaded
        for address in loaded:
            assert address.startswith("/static/")
            assert server.get(address).status_code == 200


def test_every_page_has_one_main_heading_a_title_and_a_language(server, addresses):
    for path in addresses.values():
        document = html.fromstring(server.get(path).text)
        assert len(document.xpath("//h1")) == 1, path
        assert document.xpath("string(//title)").endswith("· wirefold")
        assert document.get("lang") == "en"


def test_an_unchanged_page_costs_304_and_head_has_no_body(server, addresses):
    for path in [*addresses.values(), "/stories.atom", "/stories.json", "/feeds.opml", "/api/v1/stories"]:
        first = server.get(path)
        again = server.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == first.headers["etag"]
        head = server.http.head(path)
        assert (head.status_code, head.content) == (200, b"")


def test_no_request_changes_anything(server, addresses):
    before = _files(server.data)
    for path in addresses.values():
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = server.http.request(method, path)
            assert answer.status_code == 405
            assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert _files(server.data) == before


def _files(data: Path) -> dict[str, bytes]:
    """Everything but what readers of SQLite leave behind."""
    kept = (path for path in data.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal")))
    return {str(path): path.read_bytes() for path in kept}


def test_a_foreign_name_is_not_answered_to_on_loopback(server):
    assert server.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert server.get("/api/v1/stories", headers={"Host": "127.0.0.1.evil.example"}).status_code == 421
    assert server.get("/livez", headers={"Host": "localhost:1234"}).status_code == 200
    assert server.get("/livez", headers={"Host": "[::1]:1234"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/stories/s-nothing", 404),
        ("/articles/a-nothing", 404),
        ("/diff?a=a-nothing&b=a-nothing", 404),
        ("/diff", 400),
        ("/explain?a=x", 400),
        ("/?versions=many", 400),
        ("/?since=yesterday", 400),
        ("/?since=0001-01-01T00:00:00%2B23:00", 400),
        ("/?until=9999-12-31", 400),
        ("/?language=%3Cscript%3E", 400),
        ("/?cursor=nonsense", 404),
        ("/feeds/detail?url=http://nowhere.example", 404),
        ("/nowhere", 404),
        ("/static/../app.py", 404),
        ("/static/%2e%2e%2fapp.py", 404),
    ],
)
def test_what_cannot_be_understood_or_found_is_said_in_a_page(server, path, status):
    answer = server.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>" not in answer.text
    assert 'href="/"' in answer.text


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """A store whose publishers try everything, behind a server of its own; and its directory, to write into."""
    corpus = Corpus(tmp_path_factory.mktemp("hostile"))
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    bad = article(
        1, f"{evil}\nشلونك <b>عالم</b>", title=evil, url="javascript:alert(1)", summary=evil, language='"><script>',
        source=article(1).source.__class__(name=evil, domain="evil.example"),
    )  # fmt: skip
    corpus.add(bad, article(2, f"{evil} more", url='https://ok.example/"><script>'))
    corpus.add(article(3, "مرحبا يا عالم", title="مرحبا", language="ar"))
    with serving(corpus.data) as running:
        until(lambda: running.get("/readyz").status_code == 200)
        yield corpus, running
    corpus.close()


def test_what_publishers_write_is_text_and_never_markup(hostile):
    _, running = hostile
    for path in ("/", "/stories/s-0001", "/articles/a-0001", "/diff?a=a-0001&b=a-0002", "/sources?period=all",
                 "/explain?a=a-0001&b=a-0002", "/?q=%3Cscript%3Ealert(1)", "/?source=%22%3E%3Cscript%3E"):  # fmt: skip
        answer = running.get(path)
        assert answer.status_code == 200, path
        document = html.fromstring(answer.text)
        assert document.xpath("count(//script)") == 1
        assert not document.xpath("//img | //@onerror")
        assert not [a for a in document.xpath("//@href") if a.lower().startswith("javascript")]
        for tag in document.xpath("//@lang"):
            assert re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", tag)


def test_text_that_reads_from_the_right_says_so(hostile):
    _, running = hostile
    document = html.fromstring(running.get("/stories/s-0003").text)
    paragraphs = document.xpath("//div[contains(@class, 'text')]//p")
    assert [p.get("dir") for p in paragraphs] == ["auto"]
    assert document.xpath("//div[contains(@class, 'text')]/@lang") == ["ar"]


def test_what_a_daemon_writes_meanwhile_appears_without_a_restart(hostile):
    corpus, running = hostile
    before = running.json("/api/v1/status")["seq"]
    corpus.add(article(50, "Fresh from the daemon"))
    until(lambda: running.get("/stories/s-0050").status_code == 200)
    until(lambda: running.json("/api/v1/stories?q=fresh")["total"] == 1)
    assert running.json(f"/updates?changed_after={before}") == {"stories": 1}
    corpus.put((story(article(50), article(51), change="joined"), [article(51)]))
    until(lambda: len(running.json("/api/v1/stories/s-0050")["versions"]) == 2)


def test_a_merged_story_leads_to_the_one_that_absorbed_it(hostile):
    corpus, running = hostile
    corpus.add(article(60))
    corpus.add(article(61))
    corpus.put((story(article(60), article(61), change="merged", merged_from=("s-0061",)), []))
    until(lambda: running.get("/stories/s-0061").status_code == 308)
    for prefix in ("", "/api/v1"):
        answer = running.get(f"{prefix}/stories/s-0061")
        assert answer.headers["location"] == f"{prefix}/stories/s-0060"


def test_a_rebuilt_state_is_found_without_a_restart(hostile):
    corpus, running = hostile
    rebuild.run(Settings(), corpus.data)
    corpus.add(article(70))
    until(lambda: running.get("/stories/s-0070").status_code == 200)
    until(lambda: running.json("/api/v1/stories")["stories"][0]["story_id"] == "s-0070")
