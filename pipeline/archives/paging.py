"""Numbered pages of a feed (``?paged=2``, ``?page=2``): their addresses, and which one comes next. Pure.

Sites answer beyond the end with 404, with an empty page, with the first page, or with any page again; new posts shift the
rest while one reads; and a page may change its size. What counts is therefore what a page brings, not its number.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

STYLES = ("paged", "page")
"""WordPress' parameter, and what most others call it; NewsBlur tries the same two."""
BARREN = 2
"""Pages in a row that bring nothing: one may be the last one's repetition after a shift, two are a loop."""
RESIZED = 1.5
"""From this ratio on a page has another size than the one before, and the count of posts tells where to go on."""
MAX_RESIZES = 5


@dataclass(slots=True)
class Paging:
    """A walk over a feed's pages: what is kept when a run ends.

    ``following``: the link to go on with (RFC 5005), or None; ``style`` and ``number``: the parameter, and the number of
    the page to ask for. ``pages`` names pages already seen by what they held, ``links`` by their address.
    """

    following: str | None = None
    style: str | None = None
    number: int = 2
    size: int = 0
    posts: int = 0
    barren: int = 0
    past: int = 0
    resizes: int = 0
    pages: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    ended: bool = False


def page_url(feed_url: str, style: str, number: int) -> str:
    """The feed's address with ``style=number`` in place of what it says of that itself."""
    parts = urlsplit(feed_url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != style]
    return urlunsplit(parts._replace(query=urlencode([*query, (style, str(number))]), fragment=""))


def mark_of(text: str) -> str:
    """Six bytes that stand for an address, or for the sorted keys of a page."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def took(walk: Paging, keys: Collection[str], new: int) -> None:
    """Notes a page that was read: ``new`` of its ``keys`` had not been seen in this walk."""
    mark = mark_of("\n".join(sorted(keys)))
    repeated = mark in walk.pages or not keys
    walk.pages.add(mark)
    walk.posts += new
    walk.barren = walk.barren + 1 if repeated or not new else 0
    walk.ended = walk.ended or not keys or walk.barren >= BARREN


def go_on(walk: Paging, size: int, new: int) -> None:
    """Sets the number to ask for after a page that held ``size`` posts, ``new`` ones among them.

    Where the size has changed, page numbers count something else from here on: the posts read before it tell which page
    holds the next ones.
    """
    before, walk.size = walk.size, size
    changed = before and size and max(size / before, before / size) >= RESIZED
    if changed and walk.resizes < MAX_RESIZES:
        walk.resizes += 1
        walk.number = max(2, (walk.posts - new) // size + 1)
    else:
        walk.number += 1
