"""A news sitemap read as a feed: the two days of articles that publishers show to Google News."""

from pipeline.stages.discover.raw import MAX_ENTRIES, RawFeed, RawItem
from pipeline.text.sitemaps import Location, read_sitemap


def read_news_sitemap(document: bytes, url: str) -> RawFeed | None:
    """The sitemap as a feed, if it has entries of the news extension; a plain sitemap is no feed (it lists pages)."""
    sitemap = read_sitemap(document, url=url)
    if sitemap is None or sitemap.kind != "news":
        return None
    news = [location for location in sitemap.locations if location.news]
    feed = RawFeed(format="news_sitemap", parser="lxml", total=len(news) + sitemap.dropped)
    feed.title = news[0].publication
    feed.language = news[0].language
    feed.items = [_item(location) for location in news[:MAX_ENTRIES]]
    if not sitemap.complete:
        feed.warnings.append("truncated")
    return feed


def _item(location: Location) -> RawItem:
    return RawItem(
        link=location.url,
        title=location.title,
        published=location.published,
        updated=location.lastmod,
        image=location.image,
        language=location.language,
        tags=list(location.keywords),
    )
