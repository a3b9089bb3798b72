"""XML names of feeds in one form: ``{namespace}Local`` → ``prefix:local`` (no prefix for RSS and Atom's own elements)."""

_CORE = (
    "http://backend.userland.com/rss", "http://backend.userland.com/rss2", "http://blogs.law.harvard.edu/tech/rss",
    "http://cyber.law.harvard.edu/rss", "http://example.com/necho", "http://my.netscape.com/publish/formats/rss-0.91.dtd",
    "http://my.netscape.com/rdf/simple/0.9", "http://channel.netscape.com/rdf/simple/0.9", "http://purl.org/atom/ns#",
    "http://purl.org/echo", "http://purl.org/net/rss1.1#", "http://purl.org/pie", "http://purl.org/rss/1.0",
    "http://www.rssboard.org/rss-specification", "http://www.w3.org/2005/atom", "http://example.com/newformat#",
    "http://purl.org/rss/1.0/modules/rss091#", "uri/of/echo/namespace#",
)  # fmt: skip
_PREFIXES = {
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/dc": "dc",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://purl.org/rss/1.0/modules/dcterms": "dcterms",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://search.yahoo.com/mrss": "media",
    "http://video.search.yahoo.com/mrss": "media",
    "http://tools.search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://prismstandard.org/namespaces/basic/2.0": "prism",
    "http://prismstandard.org/namespaces/1.2/basic": "prism",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "urn:wirefold:unknown:content": "content",
}
_BY_URI = {**dict.fromkeys(_CORE, ""), **_PREFIXES}


class Names(dict[str, str]):
    """A cache from lxml tags to names, filled as tags are met. One per document: tags are the document's to choose."""

    def __missing__(self, tag: object) -> str:
        name = _name(tag) if isinstance(tag, str) else "?"
        self[tag] = name  # type: ignore[index] # comments and instructions have a function for a tag
        return name


def _name(tag: str) -> str:
    if tag[0] != "{":
        return tag.lower()
    uri, _, local = tag[1:].partition("}")
    prefix = _BY_URI.get(uri.strip().lower().rstrip("/"))
    if prefix is None:
        return "?:" + local.lower()
    return f"{prefix}:{local.lower()}" if prefix else local.lower()
