"""Renders an article as its publisher's page: the site's own template, markup and metadata."""

import json
from datetime import datetime
from html import escape
from string import Template

from pipeline.demo.library import Article, Publisher, calendar_of, content_folder


def render_article(article: Article, others: tuple[Article, ...]) -> bytes:
    """The whole page, in the publisher's charset. ``others`` are the headlines beside it, in order."""
    return _page(
        article.publisher,
        title=escape(article.title),
        head="\n".join(_head(article)),
        number=str(article.number),
        section=escape(article.section),
        summary=escape(article.summary),
        byline=escape(", ".join(article.authors)),
        published_iso=_local(article).isoformat(),
        published_text=_stamp(article),
        image=_figure(article),
        correction=_wrapped(article.publisher.closing, (article.correction,) if article.correction else ()),
        body=article_body(article, interrupted=True),
        boilerplate=_wrapped(article.publisher.paragraph, article.publisher.boilerplate),
        closing=_wrapped(article.publisher.closing, article.closing),
        related=_headlines(others),
        tags=" ".join(f'<a href="/tag/{escape(tag)}">{escape(tag)}</a>' for tag in article.tags),
    )


def render_front(publisher: Publisher, articles: tuple[Article, ...]) -> bytes:
    """The home page: headlines only, so that the navigation leads somewhere."""
    return _page(publisher, title=escape(publisher.name), body=f"<ul>{_headlines(articles)}</ul>")


def article_body(article: Article, *, interrupted: bool) -> str:
    """The body in the publisher's markup; ``interrupted`` by the site's own box after some paragraphs, as pages have it."""
    publisher = article.publisher
    first, *rest = article.paragraphs
    lines = [f"{article.dateline} {first}" if article.dateline else first, *rest]
    blocks = [_wrapped(publisher.paragraph, (line,)) for line in lines]
    if interrupted and 0 < publisher.interrupt_after < len(blocks):
        blocks.insert(publisher.interrupt_after, publisher.interrupt)
    return "\n".join(blocks)


def _page(publisher: Publisher, **values: str) -> bytes:
    template = Template((content_folder() / publisher.id / "page.html").read_text("utf-8"))
    empty = dict.fromkeys(template.get_identifiers(), "")
    site = {"language": publisher.language, "direction": publisher.direction, "charset": publisher.charset}
    page = template.substitute(empty | site | values)
    return page.encode(publisher.charset, "xmlcharrefreplace")


def _wrapped(markup: str, lines: tuple[str, ...]) -> str:
    return "\n".join(Template(markup).substitute(text=escape(line, quote=False)) for line in lines)


def _headlines(articles: tuple[Article, ...]) -> str:
    return "".join(f'<li><a href="{escape(a.url)}">{escape(a.title)}</a></li>' for a in articles)


def _figure(article: Article) -> str:
    if not article.image_caption:
        return ""
    caption = escape(article.image_caption, quote=False)
    return f'<figure><img src="/images/{article.number}.jpg" alt=""><figcaption>{caption}</figcaption></figure>'


def _local(article: Article) -> datetime:
    return article.published.astimezone(article.publisher.zone)


def _stamp(article: Article) -> str:
    local, names = _local(article), calendar_of(article.publisher.language)
    month = names.months[local.month - 1]
    return names.stamp.format(day=local.day, month=month, year=local.year, time=f"{local:%H:%M}")


def _head(article: Article) -> list[str]:
    tags = {"canonical": _canonical, "opengraph": _opengraph, "dublin-core": _dublin_core, "json-ld": _json_ld}
    return [tag for kind in article.publisher.metadata for tag in tags[kind](article)]


def _canonical(article: Article) -> list[str]:
    return [f'<link rel="canonical" href="{escape(article.url)}">']


def _opengraph(article: Article) -> list[str]:
    fields = {
        "og:type": "article",
        "og:title": article.title,
        "og:description": article.summary,
        "og:url": article.url,
        "og:site_name": article.publisher.name,
        "og:image": f"{article.publisher.origin}/images/{article.number}.jpg",
        "article:published_time": _local(article).isoformat(),
        "article:section": article.section,
    }
    if article.updated != article.published:
        fields["article:modified_time"] = article.updated.astimezone(article.publisher.zone).isoformat()
    return [f'<meta property="{name}" content="{escape(value)}">' for name, value in fields.items()]


def _dublin_core(article: Article) -> list[str]:
    fields = {"DC.title": article.title, "DC.date": _local(article).isoformat(), "DC.publisher": article.publisher.name}
    return [f'<meta name="{name}" content="{escape(value)}">' for name, value in fields.items()]


def _json_ld(article: Article) -> list[str]:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": article.summary,
        "mainEntityOfPage": article.url,
        "datePublished": _local(article).isoformat(),
        "dateModified": article.updated.astimezone(article.publisher.zone).isoformat(),
        "articleSection": article.section,
        "inLanguage": article.publisher.language,
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": article.publisher.name},
    }
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return [f'<script type="application/ld+json">{text}</script>']
