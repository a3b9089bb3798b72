"""What newsrooms do to agency copy, as seeded operations on a text: the controlled edits of the grouping benchmark.

Each operation takes an article and a donor (another article of the corpus that is in no index) and returns the edited
title and text. They show which operations break which method, not how often newsrooms do them.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def words(self) -> int:
        return len(self.text.split())


Edit = Callable[[Piece, Piece, random.Random], Piece]

_FURNITURE = (
    "Sign up for our morning newsletter and have the day's most important stories delivered to your inbox for free.",
    "Advertisement Continue reading the main story Share this page Email Tweet Save More",
    "The reporter can be reached at the newsroom. Follow us for updates on this developing story throughout the day.",
    "Read more: what we know so far, in pictures, and why it matters to readers in our region and beyond the border.",
    "Copyright. All rights reserved. This material may not be published, broadcast, rewritten or redistributed.",
)
_HOUSE = (
    (r"\bcenter\b", "centre"), (r"\bcolor\b", "colour"), (r"\bdefense\b", "defence"), (r"\bpercent\b", "per cent"),
    (r"\borganiz", "organis"), (r"\brecogniz", "recognis"), (r"\blabor\b", "labour"), (r"\bprogram\b", "programme"),
    (r"\bU\.S\.", "US"), (r"\bU\.N\.", "UN"), (r"\bSen\.", "Senator"), (r"\bRep\.", "Representative"),
    (r"\bGov\.", "Governor"), (r"\btoward\b", "towards"), ("[“”]", '"'), ("[‘’]", "'"), ("—", " - "),
)  # fmt: skip


def article(title: str, text: str) -> Piece:
    """An article by its lines; one that came as a single block is cut into paragraphs of three sentences."""
    paragraphs = [p.strip() for p in text.split("\n") if p.strip()]
    if len(paragraphs) < 5:
        sentences = re.split(r"(?<=[.!?])\s+", " ".join(paragraphs))
        paragraphs = [" ".join(sentences[i : i + 3]) for i in range(0, len(sentences), 3)]
    return Piece(title=title, paragraphs=tuple(paragraphs))


def _headline(piece: Piece, donor: Piece, _rng: random.Random) -> Piece:
    return Piece(title=donor.title, paragraphs=piece.paragraphs)


def _reordered(piece: Piece, _donor: Piece, rng: random.Random) -> Piece:
    return Piece(title=piece.title, paragraphs=tuple(rng.sample(piece.paragraphs, len(piece.paragraphs))))


def _house(piece: Piece, _donor: Piece, _rng: random.Random) -> Piece:
    text = piece.text
    for pattern, instead in _HOUSE:
        text = re.sub(pattern, instead, text)
    return article(piece.title, text)


def _furnished(piece: Piece, _donor: Piece, rng: random.Random) -> Piece:
    some = rng.sample(_FURNITURE, 4)
    return Piece(title=piece.title, paragraphs=(*some[:2], *piece.paragraphs, *some[2:]))


def _new_lead(piece: Piece, donor: Piece, rng: random.Random) -> Piece:
    lead = donor.paragraphs[: max(1, len(piece.paragraphs) // 12)]
    rest = piece.paragraphs[len(lead) :]
    return _house(_headline(Piece(title="", paragraphs=(*lead, *rest)), donor, rng), donor, rng)


def _dropped(share: float) -> Edit:
    def edit(piece: Piece, _donor: Piece, rng: random.Random) -> Piece:
        count = max(1, round(len(piece.paragraphs) * (1 - share)))
        kept = sorted(rng.sample(range(len(piece.paragraphs)), count))
        return Piece(title=piece.title, paragraphs=tuple(piece.paragraphs[i] for i in kept))

    return edit


def _updated(piece: Piece, donor: Piece, rng: random.Random) -> Piece:
    paragraphs = list(piece.paragraphs)
    for i in rng.sample(range(len(paragraphs)), round(len(paragraphs) * 0.25)):
        paragraphs[i] = rng.choice(donor.paragraphs)
    return Piece(title=piece.title, paragraphs=tuple(paragraphs))


def _reworded(share: float) -> Edit:
    def edit(piece: Piece, donor: Piece, rng: random.Random) -> Piece:
        pool = donor.text.split()
        return article(piece.title, "\n".join(_reword(p, share, pool, rng) for p in piece.paragraphs))

    return edit


def _reword(paragraph: str, share: float, pool: list[str], rng: random.Random) -> str:
    sentences = re.split(r"(?<=[.!?])\s+", paragraph)
    for i, sentence in enumerate(sentences):
        words = sentence.split()
        if words and rng.random() < share:
            for at in rng.sample(range(len(words)), min(len(words), rng.choice((1, 2)))):
                words[at] = rng.choice(pool)
            sentences[i] = " ".join(words)
    return " ".join(sentences)


def _first_words(piece: Piece, count: int) -> Piece:
    out: list[str] = []
    for paragraph in piece.paragraphs:
        words = paragraph.split()
        if len(words) >= count:
            out.append(" ".join(words[:count]))
            break
        out.append(paragraph)
        count -= len(words)
    return Piece(title=piece.title, paragraphs=tuple(out))


def _truncated(share: float) -> Edit:
    return lambda piece, _donor, _rng: _first_words(piece, round(piece.words * share))


def _teaser(count: int) -> Edit:
    return lambda piece, _donor, _rng: _first_words(piece, count)


def _embedded(piece: Piece, donor: Piece, rng: random.Random) -> Piece:
    """The first 40 % of the wire's words inside an own article of half the wire's length."""
    taken = _first_words(piece, round(piece.words * 0.4)).paragraphs
    own = _first_words(donor, round(piece.words * 0.5)).paragraphs
    at = rng.randint(1, len(own))
    return Piece(title=donor.title, paragraphs=(*own[:at], *taken, *own[at:]))


def _mixed(*edits: Edit) -> Edit:
    def edit(piece: Piece, donor: Piece, rng: random.Random) -> Piece:
        for one in edits:
            piece = one(piece, donor, rng)
        return piece

    return edit


EDITS: dict[str, tuple[Edit, float]] = {
    "headline changed": (_headline, 0.99),
    "reordered": (_reordered, 0.99),
    "house style": (_house, 0.99),
    "boilerplate and credits added": (_furnished, 0.99),
    "lead rewritten, headline, house style": (_new_lead, 0.99),
    "30 % of paragraphs dropped": (_dropped(0.3), 0.99),
    "50 % of paragraphs dropped": (_dropped(0.5), 0.99),
    "25 % of paragraphs replaced": (_updated, 0.99),
    "1-2 words changed in 60 % of sentences": (_reworded(0.6), 0.99),
    "1-2 words changed in every sentence": (_reworded(1.0), 0.99),
    "truncated to 60 %": (_truncated(0.6), 0.99),
    "truncated to 40 %": (_truncated(0.4), 0.99),
    "truncated to 20 %": (_truncated(0.2), 0.99),
    "truncated to 10 %": (_truncated(0.1), 0.95),
    "teaser of 120 words": (_teaser(120), 0.98),
    "teaser of 60 words": (_teaser(60), 0.9),
    "boilerplate on a 30 % copy": (_mixed(_truncated(0.3), _furnished), 0.9),
    "40 % of a wire inside an own article": (_embedded, 0.97),
    "three edits mixed": (_mixed(_house, _dropped(0.3), _furnished), 0.95),
    "four hard edits mixed": (_mixed(_new_lead, _dropped(0.4), _reworded(1.0), _furnished), 0.7),
}
"""Operation → the edit and the share of edited articles that must stand in the original's story."""
