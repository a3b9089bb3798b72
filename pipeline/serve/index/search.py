"""From what a person types into the search box to an FTS5 query.

    ``dam flood``       both words            ``"dam gate"``   in this order, side by side
    ``dam -flood``      the second not        ``sard*``        words that begin so
Case, accents and letter variants do not count: the words are folded as grouping folds them.
"""

import re

from pipeline.serve.index.folding import folded_words

MAX_TERMS = 12
MAX_CHARACTERS = 200
_TERM = re.compile(r"""(?P<not>-)?(?:["“”](?P<phrase>[^"“”]*)["“”]?|(?P<word>[^\s"“”]+))""")


def fts_query(typed: str) -> str | None:
    """The query; None where nothing in it is a word. Every word is quoted, so none of it is FTS5's own syntax."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for match in list(_TERM.finditer(typed[:MAX_CHARACTERS]))[:MAX_TERMS]:
        text = match["phrase"] if match["phrase"] is not None else match["word"]
        term = _term(text, prefix=match["phrase"] is None and text.endswith("*"))
        if term:
            (unwanted if match["not"] else wanted).append(term)
    if not wanted:
        return None
    return " NOT ".join([f"({' AND '.join(wanted)})", *unwanted])


def _term(text: str, *, prefix: bool) -> str:
    words = folded_words(text)
    if not words:
        return ""
    return f'"{words}"*' if prefix else f'"{words}"'
