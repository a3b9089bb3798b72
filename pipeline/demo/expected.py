"""Reads ``expected.toml``: which articles of the small web are one story, and what is only alike.

Articles are named ``publisher-id/slug``, the keys of ``DemoWeb.urls``.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``relation`` and ``based_on`` are None for the root of the tree; ``late``: out only with the corrections."""

    article: str
    why: str
    based_on: str | None = None
    relation: Literal["exact", "near", "excerpt"] | None = None
    late: bool = False


class ExpectedStory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A story of two or more versions. ``origin_article`` None: the origin is outside the small web (an agency)."""

    name: str
    why: str
    origin: str
    first: str
    versions: tuple[Version, ...]
    origin_article: str | None = None

    def members(self, *, late: bool) -> frozenset[str]:
        """The articles of the story in the first state or, with ``late``, in the second."""
        return frozenset(version.article for version in self.versions if late or not version.late)


class RelatedPair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two articles that share material and are not versions: their stories are linked."""

    articles: tuple[str, str]
    kind: Literal["quotes", "shared_material"]
    why: str


class Apart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Articles that look alike: no two of them are in one story."""

    name: str
    why: str
    articles: tuple[str, ...]


class ExpectedDrop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An announced address that is no article, and the slug (``pipeline.errors``) under which it is counted."""

    url: str
    slug: str


class ExpectedCredit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    article: str
    role: Literal["agency", "source", "republished_from", "image", "author_org"]
    name: str


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The truth. ``articles`` counts the first state, ``late_articles`` what the second adds; ``revised``: revision 2."""

    publishers: int
    feeds: int
    articles: int
    late_articles: int
    revised: tuple[str, ...]
    stories: tuple[ExpectedStory, ...]
    related: tuple[RelatedPair, ...]
    apart: tuple[Apart, ...]
    drops: tuple[ExpectedDrop, ...]
    credits: tuple[ExpectedCredit, ...]

    def partition(self, articles: frozenset[str], *, late: bool) -> frozenset[frozenset[str]]:
        """The exact stories over ``articles`` (keys): the expected ones, and each other article by itself."""
        groups = [story.members(late=late) for story in self.stories]
        alone = articles.difference(*groups)
        return frozenset(groups) | {frozenset({article}) for article in alone}


@cache
def read_expected() -> Expected:
    """The bundled truth; raises msgspec.ValidationError where the file is not of this shape."""
    raw = tomllib.loads((files("pipeline.demo") / "expected.toml").read_text("utf-8"))
    return msgspec.convert(raw, Expected)
