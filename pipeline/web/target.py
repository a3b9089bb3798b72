"""Where a request goes: an http(s) URL taken apart once, in the form that the connection needs."""

import re
from base64 import b64encode
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urljoin

import httpx

from pipeline.errors import Reject

_SIMPLE = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?(/[!$-;=@-\[\]_a-z~?%]*|)")
"""Nothing to normalise, nothing to quote: the common case, taken apart without a parser."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOSTLESS = re.compile(r"(?:https?:)?//+|https?:", re.IGNORECASE)
MAX_URL = 8192
"""Longer ones are session dumps or traps; RFC 9110 §4.1 asks for at least 8000."""


class Target(NamedTuple):
    """``path`` includes the query; ``host_key`` names the host's gate; ``credentials`` is a Basic Authorization value."""

    url: str
    scheme: str
    host: str
    port: int
    path: bytes
    host_key: str
    credentials: bytes | None = None

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)

    @property
    def authority(self) -> bytes:
        """The ``Host`` header: the port only where it is not the default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}").encode("ascii")


@lru_cache(maxsize=2048)
def parse_target(url: str) -> Target:
    """Raises Reject("bad_url") for what is not http(s), has no host or cannot be spelled."""
    if len(url) > MAX_URL:
        raise Reject("bad_url", f"{len(url)} characters")
    simple = _SIMPLE.fullmatch(url)
    if simple:
        scheme, host, port, path = simple.groups()
        return _target(scheme, host, int(port) if port else None, (path or "/").encode("ascii"), None)
    return _parse_odd(url)


def _parse_odd(url: str) -> Target:
    try:
        parsed = httpx.URL(url.strip())
        host = parsed.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError) as error:
        raise Reject("bad_url", f"{url[:200]}: {error}") from error
    if parsed.scheme not in _DEFAULT_PORTS or not host:
        raise Reject("bad_url", f"{url[:200]}: not an http(s) URL")
    credentials = parsed.userinfo and b"Basic " + b64encode(unquote(parsed.userinfo.decode("ascii")).encode())
    return _target(parsed.scheme, host.strip("[]"), parsed.port, parsed.raw_path or b"/", credentials or None)


def _target(scheme: str, host: str, port: int | None, path: bytes, credentials: bytes | None) -> Target:
    if port is None:
        port = _DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        raise Reject("bad_url", f"port {port}")
    if not path.startswith(b"/"):
        path = b"/" + path
    spelled = f"[{host}]" if ":" in host else host
    usual = port in _DEFAULT_PORTS.values()
    key = spelled if usual else f"{spelled}:{port}"
    authority = spelled if port == _DEFAULT_PORTS[scheme] else f"{spelled}:{port}"
    url = f"{scheme}://{authority}{path.decode('ascii')}"
    return Target(url, scheme, host, port, path, key, credentials)


def join(base: Target, location: str) -> Target:
    """The next hop. Relative, scheme-relative and unescaped locations are understood; raises Reject("bad_redirect")."""
    location = location.strip().split("#", 1)[0]
    if _HOSTLESS.fullmatch(location):
        raise Reject("bad_redirect", f"{base.url} → {location!r}: no host")
    try:
        return parse_target(urljoin(base.url, location))
    except (Reject, ValueError) as error:
        raise Reject("bad_redirect", f"{base.url} → {location[:200]!r}: {error}") from error
