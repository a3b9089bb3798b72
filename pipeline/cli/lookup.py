"""From what a person types to a story or an article: a whole id, or a beginning that only one has."""

from collections.abc import Iterable
from itertools import islice

from pipeline.errors import ConfigError
from storage.records import Article, Story
from storage.store import Store

NAMED_AT_MOST = 6


def find_story(store: Store, typed: str) -> Story:
    """The story with this id (a merged one leads to the survivor), or the one that holds the article with this id.

    Raises ConfigError where none or several have that beginning.
    """
    story = store.stories.get(typed) or store.stories.of(typed)
    if story is not None:
        return story
    found: dict[str, str] = {}
    for candidate in store.stories.current():
        if candidate.story_id.startswith(typed):
            found[candidate.story_id] = candidate.story_id
        found.update((member, candidate.story_id) for member in candidate.members if member.startswith(typed))
    whole = store.stories.get(found[_only(found, typed, "story or article")])
    assert whole is not None
    return whole


def find_article(store: Store, typed: str) -> Article:
    """The article with this id, or the one that a story of this id shows.

    Raises ConfigError where none or several have that beginning.
    """
    article = store.articles.get(typed)
    if article is not None:
        return article
    story = store.stories.get(typed) if typed else None
    if story is None:
        members = (member for story in store.stories.current() for member in story.members)
        found = {member: member for member in members if member.startswith(typed)}
        article = store.articles.get(_only(found, typed, "article"))
    else:
        article = store.articles.get(story.canonical)
    if article is None:
        raise ConfigError(f"{typed}: the article is not in the store")
    return article


def with_text(article: Article) -> Article:
    """The article, for a comparison. Raises ConfigError for one that was withdrawn: it has no words to compare."""
    if article.status == "withdrawn":
        raise ConfigError(f"{article.id}: withdrawn; its text is gone, so there is nothing to compare")
    return article


def _only(found: Iterable[str], typed: str, what: str) -> str:
    ids = sorted(set(found)) if typed else []
    if not ids:
        raise ConfigError(f"no {what} with the id {typed!r}; `wirefold stories list` shows the ids")
    if len(ids) > 1:
        named = ", ".join(islice(ids, NAMED_AT_MOST))
        more = f" and {len(ids) - NAMED_AT_MOST} more" if len(ids) > NAMED_AT_MOST else ""
        raise ConfigError(f"{typed!r} is the beginning of {len(ids)} ids: {named}{more}; type more of it")
    return ids[0]
