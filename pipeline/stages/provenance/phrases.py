"""How durations, times and lists are said, in evidence as at the terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

_NAMED_AT_MOST = 3

RELATIONS = {"exact": "same words", "near": "near copy", "excerpt": "excerpt"}
KINDS = {
    "shared_material": "shares material",
    "quotes": "shares quotes",
    "digest": "a digest that carries it",
    "follow_up": "a follow-up",
    "template": "made from one template",
}
"""How relations, and the kinds of ``related``, are said."""


def in_words(span: timedelta) -> str:
    """``2 h 10 min``, ``3 d 4 h``, ``45 s``: the two largest units."""
    seconds = int(abs(span).total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def when(moment: datetime) -> str:
    """``2016-11-02 09:10 UTC``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def counted(number: int, noun: str) -> str:
    """``1 version``, ``2 versions``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Sequence[str]) -> str:
    """``A, B and C``; from the fourth on only how many more."""
    if len(names) > _NAMED_AT_MOST:
        return f"{', '.join(names[:_NAMED_AT_MOST])} and {len(names) - _NAMED_AT_MOST} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
