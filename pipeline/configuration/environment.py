"""``WIREFOLD_<SECTION>__<KEY>``: settings from the environment."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, get_args, get_origin

PREFIX = "WIREFOLD_"


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that mean to be settings, by name, in a stable order."""
    ours = (name for name in sorted(environ) if name.startswith(PREFIX))
    return {name: environ[name] for name in ours if not _of_a_cluster(name, environ[name])}


_SERVICE = re.compile(r"_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$")


def _of_a_cluster(name: str, value: str) -> bool:
    """Kubernetes sets ``WIREFOLD_SERVICE_HOST``, ``WIREFOLD_PORT=tcp://…`` and more for a service named wirefold."""
    address = name.endswith("_PORT") and re.match(r"(tcp|udp|sctp)://", value)
    return "__" not in name and bool(address or _SERVICE.search(name))


def split_name(name: str) -> tuple[str, str] | None:
    """``WIREFOLD_FETCH__TIMEOUT_S`` → ``("fetch", "timeout_s")``; None without the double underscore."""
    section, separator, key = name.removeprefix(PREFIX).lower().partition("__")
    return (section, key) if separator and section and key else None


def parse_value(text: str, expected: Any) -> object:
    """A variable's text as a TOML value; text that is none is taken as it stands (split at commas for a list)."""
    base = get_args(expected)[0] if hasattr(expected, "__metadata__") else expected
    if base is str:
        return _quoted(text)
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        if get_origin(base) is tuple:
            return [part.strip() for part in text.split(",") if part.strip()]
        return text


def _quoted(text: str) -> object:
    """``"a b"`` with its quotes is a TOML string; a number stays the text that it is."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, str) else text
