"""History is not news: it groups with what was near it in time, whenever that came, and is marked."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.settings import GroupSettings
from pipeline.stages.group import Grouper, Subject
from storage.store import Store
from tests.backfill.publisher import VOCABULARY

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
OLD = datetime(2019, 3, 4, 9, tzinfo=UTC)


def words(seed: int) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choice(VOCABULARY) for _ in range(220))


def subject(name: str, event_time: datetime, arrived: datetime, *, seed: int = 1, past: bool = True) -> Subject:
    return Subject(
        article_id=name, site=f"{name}.example", title=f"Of {name}", text=words(seed), language="en",
        event_time=event_time, arrived=arrived, past=past,
    )  # fmt: skip


class Placing:
    """A grouper over a store; ``restart`` forgets all that is not in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._grouper = Grouper(GroupSettings())

    def restart(self, now: datetime) -> None:
        self._grouper = Grouper(GroupSettings())
        with self._store.transaction() as tx:
            self._grouper.load(tx, now)

    def place(self, *subjects: Subject) -> list[str]:
        with self._store.transaction() as tx:
            return [self._grouper.place(one, tx).story_id for one in subjects]

    @property
    def live(self) -> int:
        return len(self._grouper.index)


@pytest.fixture
def placing(tmp_path):
    with Store.open(tmp_path, clock=lambda: NOW) as store:
        yield Placing(store)


def test_copies_of_old_news_meet_however_long_ago_the_first_one_came(placing):
    """The first came two years ago, when the live window was elsewhere; the second comes now, after a restart."""
    [first] = placing.place(subject("a", OLD, NOW - timedelta(days=700)))
    placing.restart(NOW)
    [second] = placing.place(subject("b", OLD + timedelta(days=1), NOW))
    assert second == first


@pytest.mark.parametrize("restart", [True, False])
def test_history_does_not_meet_what_lies_outside_the_window_of_its_own_time(placing, restart):
    """The same words today, and a fortnight after: neither is a version of what was printed then."""
    live, later = subject("live", NOW, NOW, past=False), subject("later", OLD + timedelta(days=14), NOW)
    apart = placing.place(live, later)
    if restart:
        placing.restart(NOW)
    [old] = placing.place(subject("old", OLD, NOW))
    assert old not in apart


@pytest.mark.parametrize("days", [2, 5, 6, 9, 20, 40])
def test_history_meets_live_news_of_its_time_at_every_age(placing, days):
    """A backfilled copy of what was polled so many days ago joins the story, and its id stays."""
    event = NOW - timedelta(days=days)
    [story] = placing.place(subject("polled", event, event, past=False))
    placing.restart(NOW)
    [joined] = placing.place(subject("found", event + timedelta(days=1), NOW))
    assert joined == story


def test_the_live_index_holds_no_history(placing):
    placing.place(*(subject(f"a{n}", OLD + timedelta(hours=n), NOW, seed=n) for n in range(30)))
    assert placing.live == 0
    placing.restart(NOW)
    assert placing.live == 0


def test_time_that_nobody_asks_for_leaves_memory(placing):
    past = placing._grouper._past
    past._max_filed = 40
    for week in range(20):
        at = OLD + timedelta(weeks=week)
        placing.place(*(subject(f"w{week}-{n}", at, NOW, seed=100 * week + n) for n in range(5)))
    assert len(past) <= 40 + 10
    [first] = placing.place(subject("again", OLD, NOW, seed=0))
    with placing._store.transaction() as tx:
        assert first in {one.story_id for one in tx.fingerprints.get(["w0-0"]).values()}
