"""The rules that decide a pair, in order; the first that speaks decides, and its name is kept with the link.

Every number is a measurement over labelled real news; ``docs/grouping.md`` says which. Jaccard similarity is called J,
the overlap coefficient (shared / smaller) C.
"""

from dataclasses import dataclass

from pipeline.stages.group.types import Evidence, Verdict
from pipeline.text.words import title_words

HELD = 0.7
CAPTION_WORDS = 12
SHORT_WORDS = 60
TEMPLATE_WORDS = 250
AGREEING_NUMBERS = 0.75
TABLE_NUMBERS, TABLE_SIZE = 0.3, 10
DAY = 0.9
"""Days: templates come back at the same hour of the next day or later."""

EDITED_SIMILARITY = 0.25
LONG_PASSAGE = 35
"""Words: what agency copy is lifted in, on average; quotes and background are shared in shorter pieces."""

RELATED_SHARED = 30
RELATED_CONTAINMENT = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """``similarity``, ``containment`` and ``min_shared`` are settings; the rest are constants of the rules."""

    similarity: float = 0.25
    containment: float = 0.7
    min_shared: int = 25


def title_overlap(a: str, b: str) -> float:
    """Share of the shorter title's words that stand in the other; 0 where one has fewer than three words."""
    first, second = title_words(a), title_words(b)
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter >= 3 else 0.0


def same_title(a: str, b: str) -> bool:
    """Whether two titles of at least three words have the same words."""
    first = title_words(a)
    return len(first) >= 3 and first == title_words(b)


def titles_count_apart(a: str, b: str) -> bool:
    """Whether each title has a number that the other lacks."""
    first = {w for w in title_words(a) if w[0].isdigit()}
    second = {w for w in title_words(b) if w[0].isdigit()}
    return bool(first - second) and bool(second - first)


def decide(e: Evidence, t: Thresholds) -> Verdict:
    """Whether two articles are versions of one story."""
    if e.same_words:
        return _same_words(e)
    for rule in (_series, _short, _template, _undated, _same_site):
        verdict = rule(e, t)
        if verdict is not None:
            return verdict
    return _copies(e, t)


def _relation(e: Evidence, rule: str) -> Verdict:
    smaller, larger = sorted((e.a_shingles, e.b_shingles))
    excerpt = e.containment >= 0.6 and smaller < 0.7 * larger
    return Verdict(relation="excerpt" if excerpt else "near", rule=rule)


def _unrelated(e: Evidence, rule: str) -> Verdict:
    """Not versions of one story; kept as related if they share enough to be worth a reader's look."""
    shares = e.shared >= RELATED_SHARED and e.containment >= RELATED_CONTAINMENT
    return Verdict(relation=None, rule=rule, related=shares)


def _same_words(e: Evidence) -> Verdict:
    """Equal words are one text, unless they are a site's notice that comes back daily, or a caption (Video, Photos)."""
    caption = e.a_words < CAPTION_WORDS and e.title < 0.6
    notice = e.same_site and e.a_words < SHORT_WORDS and _another_day(e) and e.title < 0.6
    if caption or notice:
        return Verdict(relation=None, rule="repeated_notice", related=notice)
    return Verdict(relation="exact", rule="same_words")


def _another_day(e: Evidence) -> bool:
    return e.gap_days is None or e.gap_days > DAY


def _series(e: Evidence, _t: Thresholds) -> Verdict | None:
    """A site's series: the titles carry numbers (2015, 2016; 12:40, 12:50), and each has one that the other lacks."""
    return _unrelated(e, "series") if e.same_site and e.titles_count_apart else None


def _short(e: Evidence, _t: Thresholds) -> Verdict | None:
    """Below 60 words Jaccard is noise: two companies' dividend notices reach .45, the morning's and the evening's .77."""
    if max(e.a_words, e.b_words) >= SHORT_WORDS:
        return None
    if e.numbers < AGREEING_NUMBERS or (_another_day(e) and e.containment < 0.9):
        return _unrelated(e, "short")
    alike = e.title >= 0.5 and e.similarity >= 0.6
    titled = e.same_title and e.containment >= 0.38
    table = e.title >= 0.7 and e.same_numbers >= 8 and e.containment >= 0.35
    return _relation(e, "short") if alike or titled or table else _unrelated(e, "short")


def _template(e: Evidence, _t: Thresholds) -> Verdict | None:
    """Texts made from one mould are of like length and differ in their numbers."""
    shorter, longer = sorted((e.a_words, e.b_words))
    if shorter < 0.6 * longer or e.containment >= 0.9:
        return None
    table = e.numbers < TABLE_NUMBERS and e.all_numbers >= TABLE_SIZE
    if table or (shorter < TEMPLATE_WORDS and e.numbers < AGREEING_NUMBERS):
        return _unrelated(e, "template")
    return None


def _undated(e: Evidence, _t: Thresholds) -> Verdict | None:
    """Without dates, series and furniture of eight years meet: only near-complete copies count."""
    if e.gap_days is not None:
        return None
    if e.similarity >= 0.5 or (e.containment >= 0.9 and e.shared >= 100):
        return _relation(e, "undated")
    return _unrelated(e, "undated")


def _same_site(e: Evidence, t: Thresholds) -> Verdict | None:
    """One outlet's follow-ups share background: they need more evidence than copies elsewhere."""
    if not e.same_site:
        return None
    if e.similarity >= (0.5 if e.gap_days is None or e.gap_days > 0.25 else 0.45) and not _furnished(e):
        return _relation(e, "same_site_similarity")
    if e.title >= 0.55 and _is_copy(e, t):
        return _relation(e, "same_site_title")
    if not _another_day(e) and (_whole_inside(e) or _update(e)):
        return _relation(e, "same_site_update")
    return _unrelated(e, "same_site")


def _furnished(e: Evidence) -> bool:
    """Neither title nor lead in common: what these share is the page around them, not yet learned as furniture."""
    return e.similarity < 0.8 and e.title < 0.3 and e.lead < 0.2


def _whole_inside(e: Evidence) -> bool:
    return e.containment >= 0.88 and e.shared >= 60


def _update(e: Evidence) -> bool:
    return e.title >= 0.99 and e.containment >= 0.38 and e.similarity >= 0.15 and e.shared >= 30


def _copies(e: Evidence, t: Thresholds) -> Verdict:
    if _only_quoted(e):
        return _unrelated(e, "quotes")
    if e.similarity >= t.similarity:
        return _relation(e, "similarity")
    if e.containment >= t.containment and e.shared >= t.min_shared:
        return _relation(e, "containment")
    if e.edited_similarity >= EDITED_SIMILARITY:
        return _relation(e, "edited")
    return _relation(e, "passages") if _lifted(e) else _unrelated(e, _own_writing(e))


def _own_writing(e: Evidence) -> str:
    if e.shared < RELATED_SHARED:
        return "apart"
    return "quotes" if e.passage_words < LONG_PASSAGE * e.passages else "material"


def _only_quoted(e: Evidence) -> bool:
    """A speech, an op-ed or a press release that one text quotes at length, or the same quotes in two own texts."""
    if e.similarity >= 0.8:
        return False
    return e.quoted_once >= 0.5 or (e.quoted_once + e.quoted_twice >= 0.75 and e.containment < HELD)


def _is_copy(e: Evidence, t: Thresholds) -> bool:
    return e.similarity >= t.similarity or (e.containment >= t.containment and e.shared >= t.min_shared)


def _lifted(e: Evidence) -> bool:
    """Whole passages of agency copy inside an own article, not scattered quotes."""
    return e.similarity >= 0.16 and e.shared >= 60 and e.passage_words >= LONG_PASSAGE * e.passages
