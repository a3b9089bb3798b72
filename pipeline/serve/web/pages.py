"""The pages. Each handler reads, makes a view, renders it; they run in threads."""

from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.serve.draw.matrix import matrix_picture
from pipeline.serve.draw.polls import hours_picture, polls_picture
from pipeline.serve.draw.spread import spread_picture
from pipeline.serve.index import SourceSums, choices, source_sums, stories
from pipeline.serve.index.cards import agency_key
from pipeline.serve.views.feeds import feed_view, feed_views, lost_views, meaning, slug_views
from pipeline.serve.views.pair import diff_view, has_variants, repeated_lines
from pipeline.serve.views.story import story_view
from pipeline.serve.views.why import explain_view
from pipeline.serve.web import params
from pipeline.serve.web.answers import json_answer
from pipeline.serve.web.site import Site
from pipeline.serve.web.wording import day
from storage.records import Article

CHOICES = 200


class Pages:
    """The HTML half; ``api.Api`` is the other."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def stories(self, request: Request) -> Response:
        given = request.query_params
        query = params.story_query(given)
        cursor = given.get("cursor") or None
        db = self._site.library.index.reader()
        page = stories(db, query, cursor=cursor)
        filters = params.query_string(given)
        by_change = query.order == "changed"
        days = [
            (name, list(cards))
            for name, cards in groupby(page.cards, lambda card: day(card.updated if by_change else card.first_out))
        ]
        narrowed = sum(bool(given.get(name)) for name in ("source", "language", "agency", "since", "until"))
        narrowed += (query.versions > 1) + (query.backfill != "with") + by_change
        return self._site.page(
            request,
            "stories.html",
            here="/",
            query=query,
            page=page,
            days=days,
            cursor=cursor,
            filters=filters,
            more=f"/{filters}{'&' if filters else '?'}cursor={page.next}" if page.next else "",
            narrowed=narrowed,
            agency_value=agency_key(query.agency),
            given={name: given.get(name, "")[:10] for name in ("since", "until")},
            **self._choices(),
        )

    def _choices(self) -> dict[str, Any]:
        def make() -> dict[str, Any]:
            db = self._site.library.index.reader()
            kinds = (("sources", "source"), ("languages", "language"), ("agencies", "agency"))
            return {name: choices(db, kind, CHOICES) for name, kind in kinds}

        return self._site.kept("choices", make)

    def updates(self, request: Request) -> Response:
        """How many stories of this list are new or have changed: for the script that says so."""
        page = stories(self._site.library.index.reader(), params.story_query(request.query_params), limit=1)
        return json_answer(request, {"stories": page.total})

    def story(self, request: Request) -> Response:
        story_id = request.path_params["story_id"]
        story = self._site.story(story_id)
        if story.story_id != story_id:
            return RedirectResponse(f"/stories/{story.story_id}", 308)
        view = story_view(self._site.library.store(), story)
        return self._site.page(request, "story.html", story=view, picture=spread_picture(view))

    def article(self, request: Request) -> Response:
        article = self._site.article(request.path_params["article_id"])
        return self._site.page(
            request,
            "article.html",
            article=article,
            paragraphs=[line for line in article.content_text.split("\n") if line.strip()],
            revisions=self._site.library.revisions(article.id),
        )

    def diff(self, request: Request) -> Response:
        a, b = self._two(request)
        store = self._site.library.store()
        view = diff_view(a, b, (repeated_lines(store, a), repeated_lines(store, b)))
        return self._site.page(request, "diff.html", diff=view, same=a.id == b.id, variants=has_variants(view))

    def _two(self, request: Request) -> tuple[Article, Article]:
        return params.two_articles(self._site.article, request.query_params)

    def explain(self, request: Request) -> Response:
        a, b = self._two(request)
        view = explain_view(self._site.library.store(), a, b, self._site.library.settings.group)
        return self._site.page(request, "explain.html", pair=view)

    def sources(self, request: Request) -> Response:
        period, sums = sums_of(self._site, request)
        names = {row.domain: row.name for row in sums.sources}
        return self._site.page(
            request, "sources.html", here="/sources", sums=sums, names=names, period=period,
            picture=matrix_picture(sums, names),
        )  # fmt: skip

    def feeds(self, request: Request) -> Response:
        store = self._site.library.store()
        views = feed_views(store, self._site.library.now())
        counts = {health: sum(view.health == health for view in views) for health in ("failing", "warning", "well")}
        pictures = [(view, polls_picture(view.polls)) for view in views]
        return self._site.page(
            request, "feeds.html", here="/feeds", feeds=pictures, counts=counts, slugs=slug_views(store)
        )

    def feed(self, request: Request) -> Response:
        store = self._site.library.store()
        url = params.feed_url(request.query_params)
        feed = store.feeds.get(url)
        if feed is None:
            raise params.NotHere(f"there is no feed {url or '(url is missing)'}")
        view = feed_view(feed, store.history.polls(url), self._site.library.now())
        total = sum(view.by_hour) or 1.0
        return self._site.page(
            request, "feed.html", here="/feeds", feed=view, picture=polls_picture(view.polls),
            hours=hours_picture(view.by_hour), shares=[share / total for share in view.by_hour],
        )  # fmt: skip

    def entries(self, request: Request) -> Response:
        slug = params.slug(request.query_params)
        found = lost_views(self._site.library.store(), slug)
        return self._site.page(
            request, "entries.html", here="/feeds", slug=slug or "entries", meaning=meaning(slug), entries=found
        )

    def about(self, request: Request) -> Response:
        return self._site.page(request, "about.html", here="/about")


def sums_of(site: Site, request: Request) -> tuple[str, SourceSums]:
    """The period asked for, and the sums over it."""
    name, since_s = params.period(request.query_params, site.library.now())
    return name, site.kept(("sums", name), lambda: source_sums(site.library.index.reader(), since_s))
