"""When has an announcement been edited? A hash over what it says, without what changes by itself."""

import hashlib
import re

VERSION = "1"
"""Of the recipe below; a change makes every entry look edited once."""

_TAG = re.compile(r"<[^<>]*>")
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_MOST_SCRIPTS = 100
_LONG = 16
_TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])\W*[0-9A-Za-z_-]{16,200}\W*", re.ASCII)
_NUMBER = re.compile(r"\d[\d.,\u066b\u066c]*[kKmM]?")
_COUNTED = frozenset(
    """view views read reads comment comments share shares like likes reaction reactions reply replies vote votes click
    clicks download downloads hits kommentar kommentare aufrufe commentaire commentaires vue vues partages comentario
    comentarios vista vistas lecturas commenti visualizzazioni comentários visualizações yorum okunma görüntülenme
    просмотр просмотра просмотров комментарий комментария комментариев مشاهده مشاهدة مشاهدات بازدید نظر تعليق تعليقات
    قراءة بینین بینەر""".split()  # noqa: SIM905 - a word list reads better than fifty quoted strings
)
_AGES = frozenset(
    {"second", "seconds", "sec", "secs", "minute", "minutes", "min", "mins", "hour", "hours", "hrs", "day", "days"}
)

_MARKS = ".,;:!()"
_LABELS = frozenset(label + mark for label in (*_COUNTED, "ago") for mark in ("", *_MARKS))


def revision_hash(title: str | None, body: str | None) -> str:
    """Equal as long as title and body (HTML) say the same.

    Not part of it: case, markup (so neither nonces in attributes nor counting pixels), whitespace, tokens of 16 and
    more letters and digits, counters of views and comments, "5 minutes ago"; nor any date (``updated`` is rewritten at
    every fetch by some publishers). Numbers in the text are part of it: "3 dead" becoming "5 dead" is an edit.
    """
    said = f"{title or ''}\n{' '.join(_steady(_words(body)) if body else ())}"
    return VERSION + ":" + hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _words(body: str) -> list[str]:
    if "<" in body:
        starts = body.count("<script") + body.count("<style")
        if 0 < starts <= _MOST_SCRIPTS:
            body = _SCRIPT.sub(" ", body)
        body = _TAG.sub(" ", body)
    return body.lower().split()


def _steady(words: list[str]) -> list[str]:
    """Without random tokens, counters and ages. Most texts hold none, and asking so costs one pass in C each."""
    if words and max(map(len, words)) >= _LONG:
        tokens = {word for word in words if len(word) >= _LONG and _TOKEN.fullmatch(word)}
        words = [word for word in words if word not in tokens] if tokens else words
    if _LABELS.isdisjoint(words):
        return words
    drop = {gone for i, word in enumerate(words) if word in _LABELS for gone in _counter(words, i)}
    return [word for i, word in enumerate(words) if i not in drop] if drop else words


def _counter(words: list[str], at: int) -> tuple[int, ...]:
    """The places of what only counts readers or ages: ``1,204 views``, ``comments: 3``, ``5 minutes ago``."""
    label = words[at].rstrip(_MARKS)
    if label == "ago":
        counted = at > 1 and words[at - 1] in _AGES and _is_number(words[at - 2])
        return (at - 2, at - 1, at) if counted else ()
    if at and _is_number(words[at - 1]):
        return (at - 1, at)
    behind = words[at].endswith((":", "(")) and at + 1 < len(words) and _is_number(words[at + 1])
    return (at, at + 1) if behind else ()


def _is_number(word: str) -> bool:
    return _NUMBER.fullmatch(word.rstrip(").")) is not None
