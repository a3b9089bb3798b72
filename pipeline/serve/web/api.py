"""The same as JSON. What each answer holds is a type; ``openapi`` describes the types."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.serve.index import Card, SourceSums, stories
from pipeline.serve.views.feeds import FeedView, LostView, SlugView, feed_view, feed_views, lost_views, slug_views
from pipeline.serve.views.pair import diff_view, repeated_lines
from pipeline.serve.views.story import story_view
from pipeline.serve.views.why import explain_view
from pipeline.serve.web import params
from pipeline.serve.web.answers import json_answer
from pipeline.serve.web.pages import sums_of
from pipeline.serve.web.site import Site
from storage.records import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryList:
    """One page. ``next``: the cursor of the following one. ``total`` counts to 10,000 where something narrows the list;
    ``cut``: the search had more matches than were looked at.
    """

    stories: tuple[Card, ...]
    next: str | None
    total: int
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionList:
    """The revisions that are at hand, the first one first."""

    revisions: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceList:
    """Who copies whom, and what is a source's own, in one period."""

    period: str
    sums: SourceSums


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """Every feed, the failing ones first."""

    feeds: tuple[FeedView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryList:
    """What did not become an article: reasons with their numbers, and the latest entries of the reason asked for."""

    reasons: tuple[SlugView, ...]
    entries: tuple[LostView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """``seq``: the last line that the lists reflect; ``last_seq``: the last line of the store."""

    seq: int
    last_seq: int
    complete: bool
    articles: int
    stories: int
    feeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


class Api:
    def __init__(self, site: Site) -> None:
        self._site = site

    def stories(self, request: Request) -> Response:
        given = params.strict(request)
        query, limit = params.story_query(given), params.page_limit(given)
        db = self._site.library.index.reader()
        page = stories(db, query, limit=limit, cursor=given.get("cursor") or None)
        found = StoryList(stories=page.cards, next=page.next, total=page.total, cut=page.cut)
        return json_answer(request, found)

    def story(self, request: Request) -> Response:
        story_id = request.path_params["story_id"]
        story = self._site.story(story_id)
        if story.story_id != story_id:
            return RedirectResponse(f"/api/v1/stories/{story.story_id}", 308)
        return json_answer(request, story_view(self._site.library.store(), story))

    def article(self, request: Request) -> Response:
        return json_answer(request, self._site.article(request.path_params["article_id"]))

    def revisions(self, request: Request) -> Response:
        article_id = request.path_params["article_id"]
        found = self._site.library.revisions(article_id)
        if not found:
            raise params.NotHere(f"there is no article {article_id}")
        return json_answer(request, RevisionList(revisions=tuple(found)))

    def diff(self, request: Request) -> Response:
        a, b = self._two(request)
        store = self._site.library.store()
        return json_answer(request, diff_view(a, b, (repeated_lines(store, a), repeated_lines(store, b))))

    def explain(self, request: Request) -> Response:
        a, b = self._two(request)
        return json_answer(request, explain_view(self._site.library.store(), a, b, self._site.library.settings.group))

    def _two(self, request: Request) -> tuple[Article, Article]:
        return params.two_articles(self._site.article, params.strict(request))

    def sources(self, request: Request) -> Response:
        params.strict(request)
        period, sums = sums_of(self._site, request)
        return json_answer(request, SourceList(period=period, sums=sums))

    def feeds(self, request: Request) -> Response:
        store = self._site.library.store()
        url = params.feed_url(params.strict(request))
        if not url:
            return json_answer(request, FeedList(feeds=tuple(feed_views(store, self._site.library.now()))))
        feed = store.feeds.get(url)
        found = (feed_view(feed, store.history.polls(url), self._site.library.now()),) if feed else ()
        return json_answer(request, FeedList(feeds=found))

    def entries(self, request: Request) -> Response:
        store = self._site.library.store()
        slug = params.slug(params.strict(request))
        entries = tuple(lost_views(store, slug)) if slug else ()
        return json_answer(request, EntryList(reasons=tuple(slug_views(store)), entries=entries))

    def status(self, request: Request) -> Response:
        store, progress = self._site.library.store(), self._site.library.indexer.progress
        return json_answer(
            request,
            Status(
                seq=progress.seq, last_seq=store.last_seq, complete=progress.complete, articles=store.articles.count(),
                stories=store.stories.count(), feeds=len(store.feeds.all()),
            ),
        )  # fmt: skip
