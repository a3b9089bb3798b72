"""Real markup with varied text: N pages that no deduplicator may call copies of each other.

Every word outside tags, scripts and styles is replaced by another word, drawn by a generator that is seeded by the page's
number; tags, attributes, numbers and punctuation stay. Where no real pages are at hand, the demo's publishers give the markup.
"""

import gzip
import random
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

SHARED_PAGES = Path(__file__).resolve().parents[2] / "shared" / "data" / "pages"
PIECES = re.compile(rb"(<script\b.*?</script>|<style\b.*?</style>|<!--.*?-->|<[^>]*>)", re.DOTALL | re.IGNORECASE)
WORD = re.compile(rb"[A-Za-z]{3,}")
DATE_WORDS = frozenset(
    b"january february march april may june july august september october november december jan feb mar apr jun jul aug sep"
    b" sept oct nov dec monday tuesday wednesday thursday friday saturday sunday published updated posted".split()
)
"""Kept: a page without any date makes date extraction search in vain, which real pages do not."""
SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "in", "or", "al")]


def real_pages(folder: Path = SHARED_PAGES) -> list[tuple[str, bytes]]:
    """(name, HTML) of every page in ``folder``; of the demo's small web where the folder is not there."""
    if folder.is_dir():
        return [
            (path.name.split(".")[0], gzip.decompress(path.read_bytes())) for path in sorted(folder.glob("*.html.gz"))
        ]
    from pipeline.demo.web import DemoWeb

    with DemoWeb() as web:
        return [(key.replace("/", "-"), _fetched(web.server.address, url)) for key, url in web.urls.items()]


def _fetched(address: str, url: str) -> bytes:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    request = urllib.request.Request(f"http://{address}{target}", headers={"Host": parts.netloc})
    with urllib.request.urlopen(request) as response:
        body: bytes = response.read()
    return body


def varied(count: int) -> Iterator[tuple[str, bytes]]:
    """``count`` pages (path, HTML), each with words of its own."""
    pages = real_pages()
    for number in range(count):
        name, body = pages[number % len(pages)]
        yield f"/{number:06d}/{name[:12]}.html", _reworded(body, random.Random(number))


def _reworded(body: bytes, rng: random.Random) -> bytes:
    vocabulary = ["".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))).encode() for _ in range(1500)]
    pieces = PIECES.split(body)
    # Canonical links would make all copies of one page the same article.
    return b"".join(
        _without_identity(piece) if index % 2 else _words(piece, vocabulary, rng) for index, piece in enumerate(pieces)
    )


def _words(text: bytes, vocabulary: list[bytes], rng: random.Random) -> bytes:
    return WORD.sub(lambda m: m[0] if m[0].lower() in DATE_WORDS else vocabulary[int(rng.random() * 1500)], text)


def _without_identity(tag: bytes) -> bytes:
    low = tag[:400].lower()
    if b"canonical" in low or b"og:url" in low:
        return b""
    return tag
