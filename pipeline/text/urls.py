"""URLs: a readable normal form, and the identity of what a URL announces.

``normalise`` stays a URL that can be fetched: nothing is re-ordered, only what cannot matter is taken away.
``url_key`` is never fetched: it is equal for all the forms in which one article is announced (RFC 3986 §6 equivalence,
and beyond it scheme, ``www.``, tracking, AMP and session forms), so it may be much bolder.
"""

import base64
import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urljoin, urlsplit

from pipeline.text.tracking import is_tracking

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_URL = 4096
"""Longer ones are no addresses of articles (the longest link among 99 real feeds has 1,010 characters)."""

_SIMPLE = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:/[A-Za-z0-9_~-]+)*(?:\.html?)?)/?", re.ASCII)
"""What nine links in ten look like: nothing in it to decode, to strip or to resolve."""

_IGNORED = re.compile(r"[\x00-\x1f\x7f]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
_DEFAULT_PORTS = {80, 443}
_FORBIDDEN_IN_HOST = re.compile(r"[\s\x00-\x20#/<>?@\\^|%\"`{}\x7f]")
_UNSAFE = re.compile(r"[ \"<>\\^`{}|]|[^\x00-\x7f]|%(?![0-9A-Fa-f]{2})")
_MOBILE = re.compile(r"(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.)")
_AMP_CACHE = re.compile(r"(?:www\.)?google\.[a-z.]+|[a-z0-9-]+\.cdn\.ampproject\.org")
_AMP_CACHE_PATH = re.compile(r"/(?:amp|[cvi])/(?:s/)?(?P<rest>[^/]+\.[^/]+/.*)")
_AMP_PATH = re.compile(r"(?:/amp(?:\.html?|/index\.html?)?|\.amp(?P<ext>\.html?)?|(?P<htm>\.html?)/amp)/*$|^/amp(?=/.)")
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_AMP_PARAMETERS = frozenset({"amp", "amp_js_v", "usqp", "outputtype", "amp_gsa", "isamp", "is_amp"})
_AMP_VALUES = frozenset({"", "1", "true", "amp", "html", "yes", "0.1"})
_WRAPPERS = (
    (re.compile(r"(?:www\.)?google\.[a-z.]+"), "/url", ("url", "q")),
    (re.compile(r"(?:www\.)?bing\.com"), "/news/apiclick.aspx", ("url",)),
    (re.compile(r"lm?\.facebook\.com"), "/l.php", ("u",)),
    (re.compile(r"(?:www\.)?youtube\.com"), "/redirect", ("q",)),
    (re.compile(r"feedburner\.google\.com|feedproxy\.google\.com"), "/~url", ("url",)),
)
"""Links that carry their target as a parameter (Google Alerts, Bing News, ...): host, path, parameter names."""


def is_http(url: str) -> bool:
    """Whether ``url`` is an absolute http(s) URL with a host, short enough to be one."""
    if len(url) > MAX_URL:
        return False
    if _SIMPLE.fullmatch(url):
        return True
    parts = _split(url)
    return parts is not None and parts.scheme in {"http", "https"} and bool(_host_port(parts))


def join(base: str, href: str) -> str:
    """``href`` resolved against ``base`` (RFC 3986 §5); never raises: what cannot be joined comes back as it is.

    Feeds write ``//host/path`` and bare ``www.host/path`` where an absolute link is asked for; both are understood.
    """
    href = clean(href)
    if href.startswith(("http://", "https://")):
        return href
    if re.match(r"www\.[^/\s]+\.[^/\s]+", href):
        href = "//" + href
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def clean(url: str) -> str:
    """Without surrounding whitespace and without the control characters that browsers ignore (WHATWG URL §4.4)."""
    return _IGNORED.sub("", url.strip())


def normalise(url: str) -> str:
    """The readable normal form: lower-case scheme and host, no default port, credentials, fragment or tracking.

    Links that wrap another one (Google Alerts, Bing News) become the wrapped one. What is no http(s) URL comes back
    stripped.
    """
    if (simple := _SIMPLE.fullmatch(url)) and simple[2]:
        return url
    url = unwrap(clean(url))
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"}:
        return url
    host = _host_port(parts, scheme_port={"http": 80, "https": 443}[parts.scheme])
    path = _UNSAFE.sub(_quote_match, parts.path) or "/"
    query = _UNSAFE.sub(_quote_match, _without_tracking(parts.query))
    fragment = _route(parts.fragment)
    return f"{parts.scheme}://{host}{path}{'?' + query if query else ''}{fragment}"


def url_key(url: str) -> str:
    """The identity of what ``url`` announces: ``host/path?query`` without everything that does not choose the document.

    Not a URL. Equal for http/https, ``www.``/``m.``/``amp.``, default ports, fragments (but ``#!`` and ``#/``),
    tracking and session parameters, AMP forms and caches, trailing slashes, index pages, percent-encoding, IDN and
    dot segments. Idempotent. Text that is no http(s) URL is its own key.
    """
    simple = _SIMPLE.fullmatch(url)
    if simple and "/amp" not in url and ".amp" not in url and "/index." not in url and "/default." not in url:
        return _MOBILE.sub("", simple[1], count=1) + simple[2]
    return _full_key(url)


def _full_key(url: str) -> str:
    url = unwrap(clean(url))
    parts = _split(url if _SCHEME.match(url) else "http://" + url.lstrip("/"))
    if parts is None or parts.scheme not in {"http", "https"} or not _host_port(parts):
        return url
    parts = _without_amp_cache(parts)
    host = _MOBILE.sub("", _host_port(parts), count=1)
    fragment = _canonical(_route(parts.fragment)).rstrip("/")
    query = _key_query(parts.query)
    return f"{host}{_key_path(parts.path)}{'?' + query if query else ''}{fragment}"


def host_of(url: str) -> str:
    """``host`` or ``host:port`` in lower case (ASCII form), without a default port; empty if there is none."""
    parts = _split(url)
    return _host_port(parts) if parts else ""


@lru_cache(maxsize=4096)
def site_of(url: str) -> str:
    """The registrable domain of ``url`` (Public Suffix List with its private part: ``a.blogspot.com`` is a site).

    ``host[:port]`` where there is none: addresses, ``localhost`` and what lies under it, single labels.
    """
    host_port = host_of(url)
    host = host_port.partition(":")[0]
    if not host or host_port.startswith("[") or _IPV4.fullmatch(host) or "." not in host or host.endswith(".localhost"):
        return host_port
    found = _suffixes()(host)
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else host_port


def article_id(key: str) -> str:
    """The stable id of an article: ``a-`` and 16 base32 characters (80 bits) of the BLAKE2b hash of its key."""
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=10).digest()
    return "a-" + base64.b32encode(digest).decode("ascii").lower()


def is_home_page(url: str) -> bool:
    """Whether ``url`` names a whole host: no path beyond an index page, no query."""
    return is_home_page_key(url_key(url))


def is_home_page_key(key: str) -> bool:
    """The same of a key."""
    return "/" not in key and "?" not in key and "#" not in key


def unwrap(url: str) -> str:
    """The target of a link that only wraps another one; any other URL as it is. At most three layers."""
    for _ in range(3):
        inner = _wrapped(url)
        if inner is None:
            return url
        url = inner
    return url


def _route(fragment: str) -> str:
    """The fragments that choose a document (``#!/story``, ``#/story``: pages made by scripts), with their ``#``."""
    return "#" + fragment if fragment[:1] in {"!", "/"} and fragment.rstrip("/") else ""


def _wrapped(url: str) -> str | None:
    parts = _split(url)
    if parts is None or not parts.query:
        return None
    host = (parts.hostname or "").lower()
    for hosts, path, names in _WRAPPERS:
        if parts.path == path and hosts.fullmatch(host):
            query = dict(parse_qsl(parts.query, max_num_fields=50))
            return next((query[name] for name in names if is_http(query.get(name, ""))), None)
    return None


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def _host_port(parts: SplitResult, scheme_port: int | None = None) -> str:
    host = _ascii_host(parts.hostname or "")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    standard = port in _DEFAULT_PORTS if scheme_port is None else port == scheme_port
    return host if port is None or standard else f"{host}:{port}"


def _ascii_host(host: str) -> str:
    host = unquote(host).rstrip(".").lower()
    if _FORBIDDEN_IN_HOST.search(host):
        return ""
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host


@lru_cache(maxsize=1)
def _suffixes() -> "TLDExtract":
    # The snapshot inside the package only: what a site is must not depend on the day or on the network.
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def _quote_match(match: re.Match[str]) -> str:
    return quote(match.group(), safe="", errors="replace")


def _without_tracking(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not _is_tracking_part(part))


def _is_tracking_part(part: str) -> bool:
    name, _, value = part.partition("=")
    # Feeds escape twice: ?a=1&amp;utm_source=rss
    return is_tracking(unquote(name).removeprefix("amp;"), unquote(value))


def _key_query(query: str) -> str:
    kept = []
    for part in query.split("&"):
        name, equals, value = part.replace("+", "%20").partition("=")
        name = _canonical(name).removeprefix("amp;")
        low = name.lower()
        value = _canonical(value)
        if not name or (low in _AMP_PARAMETERS and value.lower() in _AMP_VALUES) or is_tracking(name, unquote(value)):
            continue
        kept.append(f"{name}{equals}{value}")
    return "&".join(kept)


def _key_path(path: str) -> str:
    path = _without_dots(_canonical(_PATH_SESSION.sub("", path)))
    before = None
    while path != before:
        before = path
        path = _SLASHES.sub("/", path).rstrip("/")
        path = _INDEX.sub("", _AMP_PATH.sub(_amp_rest, path))
    return path


def _amp_rest(match: re.Match[str]) -> str:
    return match.group("ext") or match.group("htm") or ""


def _without_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept)


def _canonical(text: str) -> str:
    """Percent-encoding in one form: unreserved characters bare, all else upper-case escapes (RFC 3986 §6.2.2)."""
    text = _UNSAFE.sub(_quote_match, text)
    return _ESCAPE.sub(_one_escape, text) if "%" in text else text


def _one_escape(match: re.Match[str]) -> str:
    character = chr(int(match.group(1), 16))
    return character if character in _UNRESERVED else match.group().upper()


def _without_amp_cache(parts: SplitResult) -> SplitResult:
    if not _AMP_CACHE.fullmatch((parts.hostname or "").lower()):
        return parts
    target = _AMP_CACHE_PATH.fullmatch(parts.path)
    if target is None:
        return parts
    query = f"?{parts.query}" if parts.query else ""
    return _split(f"https://{target['rest']}{query}") or parts
