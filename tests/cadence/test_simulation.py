"""The simulator's claim, on a small scale: as little delay for fewer requests, and nothing lost."""

import importlib
from types import SimpleNamespace

import pytest

DAYS = 24.0
RIVALS = {"Miniflux": ("miniflux", 2), "CommaFeed": ("commafeed", 4), "fixed": ("fixed", 20)}


@pytest.fixture(scope="module")
def simulator(repository):
    """The benchmark's modules; they stand in the checkout, not in the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository)
        names = {"replay": "cadence", "policies": "policies", "publishers": "publishers", "plot": "cadence_plot"}
        yield SimpleNamespace(**{key: importlib.import_module(f"benchmarks.{name}") for key, name in names.items()})


@pytest.fixture(scope="module")
def traces(simulator):
    """One feed of each kind but the busiest."""
    made = simulator.publishers.synthetic(DAYS, 1, seed=11)
    return [trace for trace in made if trace.name.endswith(" 0") and trace.name != "agency 0"]


@pytest.fixture(scope="module")
def run(simulator, traces):
    """Replays a policy, once for each wish."""
    done = {}

    def replay(name, number):
        if (name, number) not in done:
            start = getattr(simulator.policies, name)(number)
            done[name, number] = simulator.replay.replay(traces, start, DAYS)
        return done[name, number]

    return replay


def test_nothing_is_missed_that_a_poll_every_ten_minutes_would_have_seen(run):
    ours, ten = run("ours", 30), run("fixed", 10)
    assert [key for key in ten.seen if key not in ours.seen] == []


@pytest.mark.parametrize("rival", sorted(RIVALS))
def test_a_rivals_delay_is_had_for_no_more_requests(simulator, run, rival):
    theirs = run(*RIVALS[rival])
    rows = [simulator.replay.Row("ours", "", run("ours", price), 0) for price in (20, 30, 45)]
    assert simulator.replay.requests_at(rows, "ours", theirs.median_min) <= theirs.per_day


def test_the_plot_is_a_picture(simulator):
    picture = simulator.plot.svg([simulator.plot.Point("ours", f"price {n}", n, 100 / n, n > 2) for n in (1, 2, 3)])
    assert picture.startswith("<svg")
    assert picture.count("<circle") == 3
