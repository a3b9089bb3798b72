"""The fates of a record that does not go on, and the errors that end a command.

    WirefoldError
    ├── ConfigError        exit 2   file, key and what was expected
    ├── Interrupted        exit 130
    └── Fate               never ends a run: counted under its slug, shown in the summary
        ├── Retry          not now: the web's or the network's fault; ``retry_after_s`` is a floor
        ├── Drop           read and understood, and not an article: kept with its reason
        └── Reject         cannot be read at all: kept with its reason

The store's own errors (in use, damaged: exit 3) are ``storage.errors``.
"""


class WirefoldError(Exception):
    """Base of all that this program raises on purpose."""


class ConfigError(WirefoldError):
    """Bad configuration or usage; the message names the file, the key and the remedy."""


class Interrupted(WirefoldError):
    """A signal asked the run to stop."""


class Fate(WirefoldError):
    """``slug`` is from the closed vocabulary below and is what is counted; ``detail`` is for a person."""

    def __init__(self, slug: str, detail: str = "") -> None:
        super().__init__(slug, detail)
        self.slug = slug
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.slug}: {self.detail}" if self.detail else self.slug


class Retry(Fate):
    """Not now. ``retry_after_s`` is the server's wish, a floor for the next try."""

    def __init__(self, slug: str, detail: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(slug, detail)
        self.args = (slug, detail, retry_after_s)
        self.retry_after_s = retry_after_s


class Drop(Fate):
    """Read and understood, and not an article."""


class Reject(Fate):
    """Cannot be read at all."""


RETRY_SLUGS = {
    "dns_failure": "the host name does not resolve",
    "connect_failure": "no connection could be made",
    "tls_failure": "the TLS handshake failed",
    "timeout": "the total deadline of the request passed",
    "protocol_error": "the server broke HTTP",
    "rate_limited": "429: the host's gate is closed until it opens again",
    "server_error": "5xx: the server failed",
    "bot_wall": "a bot wall answered instead of the site",
    "truncated": "the body ended early",
    "host_closed": "the host's gate is closed for longer than this run waits",
    "extract_timeout": "the extractor passed its deadline",
    "extract_crash": "the extractor's worker died",
    "interrupted": "the run was stopped",
    "forbidden": "401/403: refused, for now",
    "internal_error": "a defect of ours: the log has the traceback",
    "robots_unreachable": "robots.txt answered 5xx: everything is disallowed for now (RFC 9309)",
}
DROP_SLUGS = {
    "no_article": "the page holds no article text",
    "not_html": "the page is not HTML (PDF, image, ...)",
    "robots_disallowed": "robots.txt forbids it",
    "not_found": "404: there is no such page",
    "gone": "410: the page was taken down",
    "paywall": "only a paywall's teaser was served",
    "consent_wall": "a consent wall answered instead of the page",
    "script_only": "the page's text is made by scripts only",
    "index_page": "a section front or home page, not an article",
    "out_of_range": "published outside --since/--until",
}
REJECT_SLUGS = {
    "blocked_address": "the address is not a global one and allow_private_networks does not name it",
    "bad_url": "not an http(s) URL",
    "too_large": "the body is larger than max_body_mib",
    "undecodable": "the Content-Encoding cannot be decoded",
    "too_many_redirects": "redirects without end",
    "bad_redirect": "a redirect that leads nowhere",
    "client_error": "another 4xx",
    "not_a_feed": "the document is not a feed",
    "html_not_feed": "an HTML page stands where the feed should be",
    "empty_document": "the body is empty",
    "parse_timeout": "the feed parser passed its deadline",
    "digest_mismatch": "an archived record is not what its digest says",
    "bad_record": "a record of a corpus that cannot be read",
}
SLUGS = RETRY_SLUGS | DROP_SLUGS | REJECT_SLUGS
