"""One value against one setting's type: what was expected, in words, and what a typing mistake was meant to be."""

import difflib
import ipaddress
import json
import math
import re
import types
from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import urlsplit

import msgspec

_BASES = {
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("text", "texts"),
    bool: ("true or false", "true or false"),
}
SHOWN_CHARS = 60
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+$")


def convert(value: object, expected: Any) -> Any:
    """``value`` as the type ``expected`` (an int is a float, an array a tuple); raises ValueError otherwise."""
    try:
        converted = msgspec.convert(value, type=expected)
    except msgspec.ValidationError as error:
        raise ValueError(f"expected {describe(expected)}, not {shown(value)}") from error
    if isinstance(converted, float) and not math.isfinite(converted):
        raise ValueError(f"expected {describe(expected)}, not {shown(value)}")
    return converted


def shown(value: object) -> str:
    """A value as TOML would write it, shortened."""
    text = toml_value(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."


def toml_value(value: object) -> str:
    """A setting's value as TOML writes it, on one line; ``none`` where TOML has no word (an unset setting)."""
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "none"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case dict():
            inner = ", ".join(f"{_toml_key(key)} = {toml_value(one)}" for key, one in value.items())
            return f"{{ {inner} }}" if inner else "{}"
    return repr(value) if isinstance(value, int | float) else str(value)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_value(key)


def describe(expected: Any) -> str:
    """A type in words: ``a whole number from 1 to 1000``."""
    origin, args = get_origin(expected), get_args(expected)
    if origin is Annotated:
        return _bounded(args[0], args[1])
    if origin is Literal:
        return "one of " + ", ".join(f'"{arg}"' for arg in args)
    if origin in (Union, types.UnionType):
        return " or ".join(describe(arg) for arg in args if arg is not type(None))
    if origin is tuple:
        return f"a list of {_plural(args[0])}"
    if origin is dict:
        return "a table of texts"
    return _BASES.get(expected, (str(expected), ""))[0]


def _plural(expected: Any) -> str:
    return _BASES.get(expected, ("", str(expected)))[1]


def _bounded(base: Any, meta: msgspec.Meta) -> str:
    words = describe(base)
    if meta.min_length:
        return f"{words} that is not empty"
    if meta.ge is not None and meta.le is not None:
        return f"{words} from {meta.ge} to {meta.le}"
    if meta.gt is not None:
        return f"{words} greater than {meta.gt}"
    return f"{words} of {meta.ge} or more" if meta.ge is not None else words


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``"; did you mean x?"`` or nothing."""
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def check_networks(networks: tuple[str, ...]) -> None:
    """Raises ValueError unless every item is an IP network in CIDR notation."""
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            hint = _network_hint(network)
            raise ValueError(
                f"expected networks such as 127.0.0.0/8 or fd00::/8, not {shown(network)}{hint}"
            ) from error


def _network_hint(network: str) -> str:
    try:
        return f"; did you mean {ipaddress.ip_network(network, strict=False)}?"
    except ValueError:
        return ""


def check_url(url: str) -> None:
    """Raises ValueError unless ``url`` is an absolute http(s) URL with a host."""
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError as error:
        raise ValueError(f"expected an http:// or https:// URL, not {shown(url)} ({error})") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good or re.search(r"\s", url):
        hint = f"; did you mean https://{url}?" if re.match(r"[\w-]+(\.[\w-]+)+(/\S*)?$", url) else ""
        raise ValueError(f"expected an http:// or https:// URL, not {shown(url)}{hint}")


def check_headers(headers: dict[str, str]) -> None:
    """Raises ValueError for a header that HTTP/1.1 could not carry."""
    for name, value in headers.items():
        if not _HEADER_NAME.match(name):
            raise ValueError(f"expected header names such as Accept-Language, not {shown(name)}")
        if re.search(r"[\r\n\0]", value):
            raise ValueError(f"expected a header value on one line for {name}, not {shown(value)}")


def check_resolve(resolve: dict[str, str]) -> None:
    """Raises ValueError unless every value is ``address:port`` with an IP address."""
    for host, target in resolve.items():
        address, _, port = target.rpartition(":")
        try:
            ipaddress.ip_address(address.strip("[]"))
            good = 0 < int(port) < 2**16
        except ValueError:
            good = False
        if not good:
            raise ValueError(f"expected address:port such as 127.0.0.1:8080 for {host}, not {shown(target)}")


SPECIAL: dict[str, Callable[[Any], None]] = {
    "fetch.allow_private_networks": check_networks,
    "fetch.resolve": check_resolve,
    "feeds.url": check_url,
    "feeds.headers": check_headers,
}
"""``section.key`` → what must hold beyond the type."""
