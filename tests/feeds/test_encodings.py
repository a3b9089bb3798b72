"""Encodings: what a feed says of itself, what the server says, and what the bytes are."""

import gzip
from datetime import UTC, datetime

import pytest

from pipeline.stages.discover import parse_feed
from pipeline.stages.discover.decode import decode

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
KURDISH, RUSSIAN, JAPANESE, KOREAN, CHINESE, FRENCH, TURKISH, THAI = (
    "هەواڵی ئەمڕۆ", "Новости дня", "今日のニュース", "오늘의 뉴스", "今日新闻", "Été à Liège — « là »", "İstanbul’da şenlik", "ข่าววันนี้",
)  # fmt: skip


def document(title: str, declared: str | None) -> str:
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    return f"{declaration}<rss version='2.0'><channel><title>{title}</title></channel></rss>"


def title_of(body: bytes, header: str | None = None) -> str | None:
    kind = f"application/rss+xml; charset={header}" if header else "application/rss+xml"
    return parse_feed(body, url="https://example.com/", headers={"content-type": kind}, fetched_at=NOW).title


@pytest.mark.parametrize(
    ("title", "real", "declared", "header"),
    [
        (KURDISH, "utf-8", None, None),
        (KURDISH, "utf-8", "utf-8", "iso-8859-1"),
        (KURDISH, "utf-8", "iso-8859-1", None),
        (KURDISH, "utf-8", "windows-1256", "windows-1256"),
        (KURDISH, "utf-8", "utf-16", None),
        (KURDISH, "utf-16", "utf-16", None),
        (KURDISH, "utf-16-le", None, None),
        (KURDISH, "utf-16-be", "utf-16", "utf-8"),
        (KURDISH, "utf-32", None, None),
        ("أخبار اليوم", "cp1256", "windows-1256", None),
        ("أخبار اليوم", "iso-8859-6", None, "iso-8859-6"),
        (RUSSIAN, "cp1251", "windows-1251", None),
        (RUSSIAN, "koi8-r", None, "koi8-r"),
        (RUSSIAN, "cp1251", "utf-8", "windows-1251"),
        (JAPANESE, "shift_jis", "Shift_JIS", None),
        (JAPANESE, "euc-jp", "EUC-JP", None),
        (JAPANESE, "iso-2022-jp", "ISO-2022-JP", None),
        (KOREAN, "cp949", "euc-kr", None),
        (CHINESE, "gb18030", "gb2312", None),
        ("今日新聞", "big5", "big5", None),
        (FRENCH, "cp1252", "iso-8859-1", None),
        (FRENCH, "cp1252", None, None),
        (FRENCH, "cp1252", "utf-8", None),
        (FRENCH, "cp1252", "no-such-encoding", None),
        (TURKISH, "cp1254", "iso-8859-9", None),
        (THAI, "cp874", "tis-620", None),
    ],
)
def test_a_title_is_read_right(title: str, real: str, declared: str | None, header: str | None) -> None:
    assert title_of(document(title, declared).encode(real), header) == title


def test_stray_bytes_of_windows_in_utf8_cost_only_themselves() -> None:
    body = document(f"{KURDISH} @ {RUSSIAN}", "utf-8").encode().replace(b"@", b"\x93quoted\x94")
    assert title_of(body) == f"{KURDISH} “quoted” {RUSSIAN}"
    assert decode(body, {})[1:] == ("utf-8", True)


def test_a_feed_served_as_a_compressed_file_is_unpacked() -> None:
    assert title_of(gzip.compress(document(KURDISH, None).encode())) == KURDISH


def test_relative_links_are_resolved_where_redirects_led() -> None:
    body = b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='a'/></entry></feed>"
    feed = parse_feed(
        body, url="https://example.com/feed", headers={}, fetched_at=NOW, base_url="https://new.example/x/feed"
    )
    assert [(entry.url, entry.feed_url) for entry in feed.entries] == [
        ("https://new.example/x/a", "https://example.com/feed")
    ]


def test_a_document_that_is_windows_1252_throughout_is_called_so() -> None:
    assert decode(document("é" * 50, "utf-8").encode("cp1252"), {})[1:] == ("cp1252", True)
