"""Names bot walls, from what they say in their headers (a few from the first bytes). Named, counted, and not fought."""

from collections.abc import Mapping

_SAY_SO = {
    "cf-mitigated": ("Cloudflare", ("challenge", "block")),
    "x-vercel-mitigated": ("Vercel", ("challenge", "deny")),
    "x-amzn-waf-action": ("AWS WAF", ("challenge", "captcha")),
}
_PRESENT = {"x-datadome": "DataDome", "x-px-block": "PerimeterX", "x-kpsdk-ct": "Kasada"}
_SERVERS = {"ddos-guard": "DDoS-Guard", "qrator": "Qrator"}
_WORDS = (
    (b"Just a moment...", "Cloudflare"),
    (b"/cdn-cgi/challenge-platform/", "Cloudflare"),
    (b"_Incapsula_Resource", "Imperva"),
    (b"geo.captcha-delivery.com", "DataDome"),
    (b"Sucuri WebSite Firewall", "Sucuri"),
    (b"px-captcha", "PerimeterX"),
)
WALL_STATUSES = frozenset({202, 401, 403, 405, 429, 503})
PEEK = 16384


def wall_of(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """The wall's maker; None where the answer is the site's own."""
    for name, (maker, words) in _SAY_SO.items():
        if headers.get(name, "").strip().lower() in words:
            return maker
    if status not in WALL_STATUSES:
        return None
    if "html" not in headers.get("content-type", "html"):
        return None
    return _from_presence(headers) or _from_words(status, body)


def _from_presence(headers: Mapping[str, str]) -> str | None:
    for name, maker in _PRESENT.items():
        if name in headers:
            return maker
    return _SERVERS.get(headers.get("server", "").strip().lower())


def _from_words(status: int, body: bytes) -> str | None:
    if status == 202 or not body:
        return None
    head = body[:PEEK]
    return next((maker for words, maker in _WORDS if words in head), None)
