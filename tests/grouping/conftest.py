"""Made-up news: seeded texts in which no two articles share a sentence unless a test says so."""

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from pipeline.settings import GroupSettings
from pipeline.stages.group import Grouper, Offline, Subject

MONDAY = datetime(2024, 5, 6, 8, 0, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "near-duplicates"


@cache
def vocabulary() -> tuple[str, ...]:
    rng = random.Random(1)
    onsets, ends = (
        ["b", "br", "ch", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pr", "s", "st", "t", "tr", "v", "w"],
        ["a", "e", "i", "o", "u", "an", "er", "is", "on", "al", "en", "or"],
    )
    return tuple(
        "".join(rng.choice(onsets) + rng.choice(ends) for _ in range(rng.choice((1, 2, 2, 3)))) for _ in range(3000)
    )


@pytest.fixture(scope="session")
def prose():
    """`prose(seed, words)`: a text of about so many words in paragraphs, the same for the same seed."""

    def make(seed, words=400):
        rng = random.Random(f"prose {seed}")
        paragraphs, count = [], 0
        while count < words:
            sentences = []
            for _ in range(3):
                length = min(rng.randint(9, 22), max(words - count, 5))
                sentences.append(" ".join(rng.choice(vocabulary()) for _ in range(length)).capitalize() + ".")
                count += length
            paragraphs.append(" ".join(sentences))
        return "\n".join(paragraphs)

    return make


@pytest.fixture(scope="session")
def subject():
    """`subject(id, text, hour, site, ...)`: an article on Monday at that hour, by default on a site of its own."""

    def make(article_id, text, hour=0.0, site=None, title=None, **more):
        time = MONDAY + timedelta(hours=hour)
        values = {"event_time": time, "arrived": time, "language": None} | more
        return Subject(
            article_id=article_id,
            site=site or f"{article_id}.example",
            title=title or f"About {article_id} today",
            text=text,
            **values,
        )

    return make


class Desk:
    """A grouper with its memory; remembers what happened."""

    def __init__(self, **settings):
        self.settings = GroupSettings(**settings)
        self.memory = Offline()
        self.grouper = Grouper(self.settings)
        self.placements = []

    def place(self, *subjects):
        for s in subjects:
            self.placements.append(self.grouper.place(s, self.memory))
        return self.placements[-1]

    def restart(self, now):
        self.grouper = Grouper(self.settings)
        return self.grouper.load(self.memory, now)

    def story(self, article_id):
        return self.memory.fingerprints.story_of(article_id)

    def together(self, *ids):
        return len({self.story(i) for i in ids}) == 1

    def stories(self):
        return {i: self.story(i) for i in self.memory.fingerprints._places}


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def new_desk():
    return Desk
