"""WARC files: the same articles as from the web, digests checked, damage stepped over, any compression."""

import asyncio
import gzip
import hashlib
import io
import threading
from base64 import b32encode

import brotli
import pytest
import zstandard

from pipeline.archives.warc import ArchivedPage, Damage, read_warc
from pipeline.engines import backfill
from pipeline.engines.request import BackfillRequest
from pipeline.engines.session import open_session
from tests.backfill.publisher import Answer, articles, page, published

PACKERS = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


def record(url, body, *, number=0, headers=b"", kind=b"text/html; charset=utf-8", status=b"200 OK", digest=None):
    block = b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind + b"\r\n" + headers + b"\r\n" + body
    digest = digest or "sha1:" + b32encode(hashlib.sha1(block).digest()).decode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032d}>\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: {published(number + 1):%Y-%m-%dT%H:%M:%SZ}\r\nWARC-Block-Digest: {digest}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def posts(publisher, numbers):
    return [record(publisher.url(n), page(n), number=n) for n in numbers]


def chunked(body):
    return b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"


def run(settings, data, **request):
    return backfill.run(settings, data, BackfillRequest(**request))


@pytest.mark.parametrize("suffix", PACKERS)
def test_any_compression_is_read_and_gone_on_with_at_any_record(publisher, suffix):
    data = b"".join(map(PACKERS[suffix], posts(publisher, range(1, 21))))
    found = list(read_warc(io.BytesIO(data), max_bytes=10**6))
    assert [one.url for one in found] == [publisher.url(n) for n in range(1, 21)]
    for at in (0, 7, 19):
        rest = list(read_warc(io.BytesIO(data), max_bytes=10**6, after=found[at].place))
        assert [(one.url, one.place) for one in rest] == [(one.url, one.place) for one in found[at + 1 :]]


def test_a_file_compressed_as_a_whole_is_gone_on_with_too(publisher):
    data = gzip.compress(b"".join(posts(publisher, range(1, 21))))
    found = list(read_warc(io.BytesIO(data), max_bytes=10**6))
    rest = list(read_warc(io.BytesIO(data), max_bytes=10**6, after=found[7].place))
    assert [one.url for one in rest] == [publisher.url(n) for n in range(9, 21)]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_broken_member_costs_itself_alone(publisher, suffix):
    members = [PACKERS[suffix](one) for one in posts(publisher, range(1, 21))]
    members[5] = members[5][:40] + b"\0" * 60 + members[5][100:]
    found = list(read_warc(io.BytesIO(b"".join(members)), max_bytes=10**6))
    assert any(isinstance(one, Damage) for one in found)
    good = [one.url for one in found if isinstance(one, ArchivedPage) and not one.fault]
    assert good == [publisher.url(n) for n in range(1, 21) if n != 6]


def test_a_warc_gives_the_articles_that_the_web_gives(publisher, settings, tmp_path):
    """The same ids and texts; other media, failures, home pages and doubles are passed over; codings are undone."""
    body = page(5)
    codings = {
        5: (b"Content-Encoding: gzip\r\n", gzip.compress(body)),
        6: (b"Content-Encoding: br\r\nTransfer-Encoding: chunked\r\n", chunked(brotli.compress(page(6)))),
        7: (b"Transfer-Encoding: chunked\r\n", page(7)),
    }
    records = posts(publisher, range(1, 5))
    records += [record(publisher.url(n), coded, number=n, headers=head) for n, (head, coded) in codings.items()]
    records += posts(publisher, [1, 2])
    records += [
        record(publisher.origin + "/", page(1), number=8),
        record(publisher.origin + "/logo.png", b"\x89PNG", kind=b"image/png", number=9),
        record(publisher.url(400), b"gone", status=b"404 Not Found", number=10),
        record(publisher.url(11), page(11), number=11, digest="sha1:" + "A" * 32),
    ]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, records)))
    summary = run(settings, tmp_path / "warc", warcs=(str(path),))
    assert dict(summary.fates) == {("done", "stored"): 7, ("rejected", "digest_mismatch"): 1}
    assert publisher.asked == []
    lines = articles(tmp_path / "warc")
    assert {line["via"] for line in lines} == {"warc"}
    assert {line["date_fetched"][:4] for line in lines} == {"2019"}
    run(settings, tmp_path / "live", urls=tuple(publisher.url(n) for n in range(1, 8)))
    assert {line["id"]: line["content_hash"] for line in lines} == {
        line["id"]: line["content_hash"] for line in articles(tmp_path / "live")
    }
    again = run(settings, tmp_path / "warc", warcs=(str(path),))
    assert (again.entries, len(articles(tmp_path / "warc"))) == (0, 7)
    assert next(iter(again.sources.values())).known == 10


def test_five_hundred_pages_are_five_hundred_articles_in_runs_of_any_length(publisher, settings, tmp_path):
    path = tmp_path / "a.warc.zst"
    path.write_bytes(b"".join(map(zstandard.compress, posts(publisher, range(1, 501)))))
    stored = [run(settings, tmp_path / "data", warcs=(str(path),), limit=limit).fates for limit in (120, 90, None)]
    assert [dict(one) for one in stored] == [{("done", "stored"): n} for n in (120, 90, 290)]
    assert len({line["id"] for line in articles(tmp_path / "data")}) == 500


def test_a_file_on_the_web_is_read_by_ranges_and_a_list_of_files_one_by_one(publisher, settings, tmp_path, monkeypatch):
    """Common Crawl's shape: ``warc.paths.gz`` names files below its own host; only the wanted publisher's pages count."""
    monkeypatch.setattr("pipeline.steps.archives.ranged.PIECE", 1500)
    other = record("http://elsewhere.example/a", page(99), number=99)
    data = b"".join(map(gzip.compress, [other, *posts(publisher, range(1, 9))]))
    ranges = []

    def serve(query):
        first, last = (int(end) for end in query["header:range"].removeprefix("bytes=").split("-"))
        ranges.append((first, last))
        part = data[first : last + 1]
        span = {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(data)}"}
        return Answer(part, "application/gzip", status=206, headers=span)

    publisher.routes["/crawl/a.warc.gz"] = serve
    names = gzip.compress(b"crawl/a.warc.gz\n")
    publisher.routes["/crawl/warc.paths.gz"] = lambda query: Answer(names, "application/gzip")
    site = publisher.origin.removeprefix("http://")
    summary = run(settings, tmp_path, warcs=(publisher.origin + "/crawl/warc.paths.gz",), sites=frozenset({site}))
    assert dict(summary.fates) == {("done", "stored"): 8}
    assert len(ranges) == -(-len(data) // 1500)


def test_what_was_copied_before_the_bounds_is_not_even_extracted(publisher, settings, tmp_path):
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(posts(publisher, range(1, 11))))
    summary = run(settings, tmp_path / "data", warcs=(str(path),), since=published(8))
    [source] = summary.sources.values()
    assert (source.passed, dict(summary.fates)) == (6, {("done", "stored"): 3, ("dropped", "out_of_range"): 1})


def test_an_interrupt_does_not_wait_for_a_file_on_the_web(publisher, settings, tmp_path):
    """The thread that reads by ranges is let go although the server never answers."""
    asked, release = threading.Event(), threading.Event()

    def silent(query):
        asked.set()
        release.wait(60)
        return Answer(status=500)

    publisher.routes["/a.warc.gz"] = silent

    async def interrupted():
        async with open_session(settings, tmp_path, "backfill") as session:
            request = BackfillRequest(warcs=(publisher.origin + "/a.warc.gz",))
            reading = backfill.reading_of(request, session.world, session.summary.noted)
            for name, source in backfill.sources(reading, request):
                session.flow.read_archive(name, source)
            stop = asyncio.Event()
            pumping = asyncio.create_task(session.flow.pump(lambda limit, in_hand: [], stop=stop, until_idle=True))
            await asyncio.to_thread(asked.wait)
            stop.set()
            await pumping

    try:
        asyncio.run(interrupted())
        assert not release.is_set()
    finally:
        release.set()
