"""Text that can be stored: lone surrogates (half an emoji that a script cut off) become U+FFFD."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

R = TypeVar("R")
_SURROGATE = re.compile("[\ud800-\udfff]")


def scrubbed(value: R) -> R:
    """``value`` (string, tuple, mapping or record, at any depth) without lone surrogates; the same object if it has none."""
    return _scrubbed(value)  # type: ignore[no-any-return]


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        cleaned = tuple(_scrubbed(one) for one in value)
        return value if all(a is b for a, b in zip(value, cleaned, strict=True)) else cleaned
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            name: cleaned
            for name, one in ((field.name, getattr(value, field.name)) for field in fields(value))
            if not isinstance(one, dict) and (cleaned := _scrubbed(one)) is not one
        }
        return replace(value, **changed) if changed else value
    return value


def _text(text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text
