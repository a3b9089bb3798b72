"""How fast feeds are read, against feedparser, in one run: ``python -m benchmarks.feeds [--corpus DIR] [--rounds N]``.

Over well-formed documents (a corpus of ``*.gz`` or ``*.xml`` files; without one, made-up feeds of the usual shapes). CPU
time, best of N rounds for each document, summed. Prints one ratio per line:

- ``read``: the fields only, which is the job that feedparser does;
- ``parse_feed``: all that a poll needs (identity, dates in any language, revision hashes, plain-text summaries);
- against feedparser as a plain script calls it, and against feedparser with sanitising and link resolution switched off.
"""

import argparse
import gzip
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import feedparser
from lxml import etree

from pipeline.stages.discover import parse_feed
from pipeline.stages.discover.xml_feed import parse_tree, read_feed

URL = "https://example.com/feed.xml"
NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "feeds" / "real"
WORDS = (
    "the",
    "minister",
    "said",
    "on",
    "market",
    "that",
    "rain",
    "will",
    "talks",
    "river",
    "after",
    "report",
    "a",
    "new",
)


def invented(count: int = 60) -> list[bytes]:
    """Feeds as CMSs write them: 10 to 100 items, teasers or full texts, RSS or Atom."""
    chance = random.Random(3)
    return [
        _feed(chance, items=chance.choice((10, 20, 50, 100)), atom=i % 3 == 0, full=i % 2 == 0) for i in range(count)
    ]


def _text(chance: random.Random, words: int) -> str:
    body = " ".join(chance.choices(WORDS, k=words))
    return f'<p class="x">{body} &amp; <a href="https://example.com/a?b=1&amp;c=2">more</a></p>'


def _feed(chance: random.Random, *, items: int, atom: bool, full: bool) -> bytes:
    parts = []
    for number in range(items):
        when = NOW - timedelta(hours=number)
        title, link = (
            " ".join(chance.choices(WORDS, k=8)),
            f"https://example.com/2026/05/{chance.randrange(10**6)}-story",
        )
        teaser = escape(_text(chance, 40))
        body = "".join(_text(chance, 80) for _ in range(8)) if full else ""
        if atom:
            parts.append(
                f"<entry><title>{title}</title><link href='{link}'/><id>{link}</id><updated>{when.isoformat()}</updated>"
                f"<author><name>A B</name></author><summary type='html'>{teaser}</summary>"
                f"<content type='html'>{escape(body)}</content></entry>"
            )
        else:
            parts.append(
                f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='true'>{link}</guid>"
                f"<dc:creator>A B</dc:creator><pubDate>{when:%a, %d %b %Y %H:%M:%S} +0000</pubDate>"
                f"<category>News</category><description>{teaser}</description>"
                f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
            )
    inner = "".join(parts)
    if atom:
        return (
            f"<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>{inner}</feed>".encode()
        )
    spaces = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    return f"<?xml version='1.0'?><rss version='2.0' {spaces}><channel>{inner}</channel></rss>".encode()


def corpus(folder: Path) -> list[bytes]:
    """The well-formed feeds of a folder."""
    bodies = [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.gz"))]
    bodies += [path.read_bytes() for path in sorted(folder.glob("*.xml"))]
    return [body for body in bodies if _well_formed(body)]


def _well_formed(body: bytes) -> bool:
    try:
        return read_feed(parse_tree(body), URL) is not None
    except etree.XMLSyntaxError:
        return False


def measure(bodies: list[bytes], rounds: int) -> dict[str, float]:
    """CPU seconds per way of reading, over all bodies; the ways take turns so that noise hits them alike."""
    ways: dict[str, Callable[[bytes], object]] = {
        "read": lambda body: read_feed(parse_tree(body), URL),
        "parse_feed": lambda body: parse_feed(body, url=URL, headers={}, fetched_at=NOW),
        "feedparser": lambda body: feedparser.parse(BytesIO(body)),
        "feedparser, lean": lambda body: feedparser.parse(
            BytesIO(body), sanitize_html=False, resolve_relative_uris=False
        ),
    }
    spent = dict.fromkeys(ways, 0.0)
    for body in bodies:
        for name, way in ways.items():
            spent[name] += min(_cpu_s(way, body) for _ in range(rounds))
    return spent


def _cpu_s(way: Callable[[bytes], object], body: bytes) -> float:
    start = time.process_time()
    way(body)
    return time.process_time() - start


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--corpus", type=Path, default=SHARED if SHARED.is_dir() else None)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    sets = {"invented": invented()}
    if options.corpus:
        sets[f"corpus of {options.corpus.name}"] = corpus(options.corpus)
    for name, bodies in sets.items():
        spent = measure(bodies, options.rounds)
        print(f"{name}: {len(bodies)} well-formed feeds, {sum(map(len, bodies)) / 1e6:.1f} MB")
        for ours in ("read", "parse_feed"):
            for theirs in ("feedparser", "feedparser, lean"):
                ratio = spent[theirs] / spent[ours]
                print(f"  {ours:<10} {spent[ours]:6.2f} s   {theirs:<16} {spent[theirs]:6.2f} s   ×{ratio:.1f}")


if __name__ == "__main__":
    main()
