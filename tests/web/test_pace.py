"""One gate per host: order, spacing, concurrency, and what 429 and 503 teach. Time is a fake clock."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Retry
from pipeline.settings import FetchSettings
from pipeline.web.client import HttpWeb
from pipeline.web.pace import BACKOFF_FIRST_S, RETRY_AFTER_CAP_S, TROUBLE_AFTER, Gates
from pipeline.web.target import parse_target
from storage import host_of
from storage.records import HostState


def gates_of(clock, hosts=None, **wishes):
    memory = hosts if hosts is not None else {}
    return Gates(FetchSettings(**wishes), clock, _Memory(memory))


class _Memory:
    def __init__(self, states):
        self.states = states

    def get(self, host):
        return self.states.get(host)

    def put(self, state):
        self.states[state.host] = state


def run(coroutine):
    return asyncio.run(coroutine)


def test_starts_keep_their_order_and_their_distance(clock):
    async def scene():
        gate, total, starts = gates_of(clock, per_host_delay_s=2.0, timeout_s=1000.0).of("h"), asyncio.Semaphore(99), []

        async def visit(name):
            await gate.enter(1000.0, total)
            starts.append((name, clock.t))
            await clock.sleep(0.1)
            gate.leave(total, 0.1)

        await asyncio.gather(*[visit(n) for n in range(10)])
        assert [name for name, _ in starts] == list(range(10))
        assert [at - 1000.0 for _, at in starts] == pytest.approx([2.0 * n for n in range(10)])

    run(scene())


@given(st.integers(1, 4), st.lists(st.floats(0.0, 5.0), min_size=1, max_size=12))
def test_never_more_at_once_than_allowed(clock, concurrency, durations):
    async def scene():
        gate = gates_of(clock, per_host_delay_s=0.0, per_host_concurrency=concurrency).of("h")
        total, inside, most = asyncio.Semaphore(99), [], 0

        async def visit(duration):
            nonlocal most
            await gate.enter(1e9, total)
            inside.append(1)
            most = max(most, len(inside))
            await clock.sleep(duration)
            inside.pop()
            gate.leave(total, duration)

        await asyncio.gather(*[visit(d) for d in durations])
        assert most == min(concurrency, len(durations))

    run(scene())


def test_the_whole_program_has_a_limit_too(clock):
    async def scene():
        gates, total, inside, most = gates_of(clock, per_host_delay_s=0.0), asyncio.Semaphore(3), [], 0

        async def visit(host):
            nonlocal most
            gate = gates.of(host)
            await gate.enter(1e9, total)
            inside.append(1)
            most = max(most, len(inside))
            await clock.sleep(1.0)
            inside.pop()
            gate.leave(total, 1.0)

        await asyncio.gather(*[visit(f"h{n}") for n in range(12)])
        assert most == 3

    run(scene())


def test_who_would_wait_too_long_is_turned_away_at_once_each_with_a_later_time(clock):
    async def scene():
        gate, total = gates_of(clock, per_host_delay_s=10.0).of("h"), asyncio.Semaphore(99)

        async def visit():
            await gate.enter(35.0, total)
            gate.leave(total, 0.0)

        outcomes = await asyncio.gather(*[visit() for _ in range(10)], return_exceptions=True)
        refused = [fate for fate in outcomes if isinstance(fate, Retry)]
        assert len(refused) == 10 - 4
        assert {fate.slug for fate in refused} == {"host_closed"}
        later = [fate.retry_after_s for fate in refused]
        gaps = [b - a for a, b in pairwise(later)]
        assert min(later) >= 30.0
        assert all(gap >= 10.0 for gap in gaps)

    run(scene())


def test_a_cancelled_waiter_leaves_the_queue_in_order(clock):
    async def scene():
        gate, total, done = gates_of(clock, per_host_delay_s=1.0).of("h"), asyncio.Semaphore(99), []

        async def visit(name):
            await gate.enter(1e9, total)
            done.append(name)
            gate.leave(total, 0.0)

        tasks = [asyncio.create_task(visit(n)) for n in range(6)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert done == [0, 2, 4, 5]

    run(scene())


def test_a_closed_gate_outlives_a_restart(clock):
    async def scene():
        states = {}
        gates_of(clock, states).of("h").throttled(600.0)
        assert states["h"].closed_until == clock.now() + timedelta(seconds=600)
        again = gates_of(clock, states).of("h")
        assert again.closed_for_s() == pytest.approx(600.0)
        assert again.interval_s >= 2.0

    run(scene())


def test_closed_hosts_are_named_while_they_are_closed(clock):
    """Closed by an answer or by memory, until the time has passed; the others never."""

    async def scene():
        gates = gates_of(clock, {"old": HostState(host="old", closed_until=clock.now() + timedelta(seconds=50))})
        for host in ("old", "new", "open"):
            gates.of(host)
        gates.of("new").throttled(100.0)
        assert gates.closed() == {"old", "new"}
        clock.t += 60
        assert gates.closed() == {"new"}
        clock.t += 60
        assert gates.closed() == frozenset()

    run(scene())


@pytest.mark.parametrize("url", ["https://a.test/x", "http://a.test/x", "http://a.test:8000/x", "http://[::1]:81/x"])
def test_closed_hosts_are_named_as_the_frontier_names_them(clock, url):
    """Else the entries of a host that asked for a pause are claimed all the same."""

    async def scene():
        web = HttpWeb(FetchSettings(), clock, _Memory({}))
        web._gates.of(parse_target(url).host_key).throttled(100.0)
        assert host_of(url) in web.closed_hosts()

    run(scene())


def test_a_wrong_wall_clock_cannot_close_a_host_for_a_year(clock):
    async def scene():
        states = {"h": HostState(host="h", closed_until=clock.now() + timedelta(days=400))}
        assert gates_of(clock, states).of("h").closed_for_s() <= RETRY_AFTER_CAP_S

    run(scene())


def test_backoff_doubles_and_decays(clock):
    async def scene():
        gate = gates_of(clock, per_host_delay_s=0.0).of("h")
        waits = []
        for _ in range(4):
            gate.throttled(None)
            waits.append(gate.closed_for_s())
            clock.t += gate.closed_for_s()
        assert waits == pytest.approx([BACKOFF_FIRST_S * 2**n for n in range(4)])
        for _ in range(400):
            gate.succeeded()
        assert not gate.throttles
        gate.throttled(None)
        assert gate.closed_for_s() == pytest.approx(BACKOFF_FIRST_S)

    run(scene())


def test_several_refusals_under_way_together_count_once(clock):
    async def scene():
        gate = gates_of(clock, per_host_delay_s=1.0).of("h")
        for _ in range(5):
            gate.throttled(None)
        assert gate.closed_for_s() == pytest.approx(BACKOFF_FIRST_S)
        assert gate.interval_s == pytest.approx(2.0)

    run(scene())


def test_a_host_in_trouble_gets_some_peace(clock):
    async def scene():
        gate = gates_of(clock, per_host_delay_s=0.0).of("h")
        for _ in range(TROUBLE_AFTER - 1):
            gate.failed()
        assert not gate.closed_for_s()
        gate.failed()
        assert 0 < gate.closed_for_s() <= 600
        gate.succeeded()
        gate.failed()
        assert gate.closed_for_s() <= 30

    run(scene())


@pytest.mark.parametrize(
    ("value", "closed_s"),
    [
        (None, BACKOFF_FIRST_S),
        ("60", 60.0),
        ("Mon, 05 Jan 2026 12:10:00 GMT", 600.0),
        ("-1", BACKOFF_FIRST_S),
        ("soon", BACKOFF_FIRST_S),
        ("317100", RETRY_AFTER_CAP_S),
        ("0", 0.0),
    ],
)
def test_429_closes_the_host_in_every_spelling(play, value, closed_s):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"", 429, **({"retry_after": value} if value else {}))
        with pytest.raises(Retry, match="rate_limited") as caught:
            await wire.get("http://a.test/feed")
        assert wire.hosts["a.test"].closed_until is not None or closed_s == 0
        assert wire.web._gates.of("a.test").closed_for_s() == pytest.approx(closed_s)
        assert caught.value.retry_after_s >= closed_s

    play(scene)


def test_a_date_counts_from_the_servers_own_clock(play):
    async def scene(wire):
        fields = {"retry_after": "Tue, 06 Jan 2032 00:02:00 GMT", "date": "Tue, 06 Jan 2032 00:00:00 GMT"}
        wire.replies["/feed"] = wire.reply(b"", 503, **fields)
        with pytest.raises(Retry, match="server_error"):
            await wire.get("/feed")
        assert wire.web._gates.of(f"127.0.0.1:{wire.port}").closed_for_s() == pytest.approx(120.0)

    play(scene)


def test_the_first_429_closes_the_host_for_all_its_paths_and_no_other_host(play):
    async def scene(wire):
        wire.replies |= {"/a": wire.reply(b"", 429, retry_after="600"), "/b": wire.reply(b"<rss>")}
        with pytest.raises(Retry, match="rate_limited"):
            await wire.get("http://a.test/a")
        seen = len(wire.seen)
        for kind in ("feed", "page", "archive", "discovery"):
            with pytest.raises(Retry, match="host_closed") as caught:
                await wire.get("http://a.test/b", kind=kind)
            assert caught.value.retry_after_s >= 600
        assert len(wire.seen) == seen
        assert (await wire.get("http://b.test/b")).status == 200

    play(scene, respect_robots=False)


def test_503_without_retry_after_is_the_feeds_affair(play):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"", 503)
        assert (await wire.get("http://a.test/feed")).status == 503
        assert not wire.web._gates.of("a.test").closed_for_s()

    play(scene)


def test_a_redirect_waits_at_the_gate_of_the_host_that_it_leads_to(play):
    async def scene(wire):
        wire.replies |= {
            "/shut": wire.reply(b"", 429, retry_after="600"),
            "/away": b"HTTP/1.1 302 X\r\nLocation: http://b.test/feed\r\nContent-Length: 0\r\n\r\n",
            "/feed": wire.reply(b"<rss>"),
        }
        with pytest.raises(Retry, match="rate_limited"):
            await wire.get("http://b.test/shut")
        with pytest.raises(Retry, match="host_closed"):
            await wire.get("http://a.test/away")
        assert wire.paths() == ["/shut", "/away"]

    play(scene)


class Minute:
    """A host that allows one request a minute and says 429 (sometimes 403, sometimes 503) to the rest."""

    def __init__(self, wire):
        self.wire, self.last, self.refused, self.n = wire, -1e9, 0, 0

    def __call__(self, seen):
        self.n += 1
        if seen.at - self.last >= 60.0:
            self.last = seen.at
            return self.wire.reply(b"<rss>")
        self.refused += 1
        answers = [
            self.wire.reply(b"", 429),
            self.wire.reply(b"", 429, retry_after="60"),
            self.wire.reply(b"", 503, retry_after="45"),
            self.wire.reply(b"", 429, retry_after="-1"),
            self.wire.reply(b"", 403),
        ]
        return answers[self.refused % 5 if self.refused > 1 else 0]


def test_sixty_feeds_on_a_host_that_allows_one_request_a_minute_are_all_served_and_never_burst(play):
    """S5: a day; every feed is a caller that comes back when it was told to, as the daemon's due column does."""

    async def scene(wire):
        minute = Minute(wire)
        served = dict.fromkeys(range(60), 0)
        faults, slugs = [], set()

        async def feed(number):
            while wire.clock.t - 1000.0 < 24 * 3600:
                try:
                    response = await wire.get(f"http://a.test/feed?{number}")
                except Retry as fate:
                    slugs.add(fate.slug)
                    await wire.clock.sleep(max(1.0, fate.retry_after_s or 0.0))
                    continue
                if response.status == 200:
                    served[number] += 1
                else:
                    faults.append(response.status)
                await wire.clock.sleep(1800.0)

        wire.replies["/feed"] = minute
        await asyncio.gather(*[feed(n) for n in range(60)])
        assert slugs <= {"rate_limited", "host_closed", "server_error"}
        starts = [seen.at for seen in wire.seen]
        gaps = [b - a for a, b in pairwise(starts)]
        assert min(served.values()) >= 6
        assert sum(served.values()) >= 24 * 60 * 0.5
        assert minute.refused <= 0.15 * len(starts)
        assert sum(gap < 10.0 for gap in gaps) <= 12  # only while the interval is being learned
        assert len(faults) <= 1

    play(scene, per_host_delay_s=1.0)


def test_a_gate_in_use_is_never_forgotten(clock, monkeypatch):
    monkeypatch.setattr("pipeline.web.pace.MAX_GATES", 10)

    async def scene():
        gates, total = gates_of(clock, per_host_delay_s=0.0), asyncio.Semaphore(999)
        used = gates.of("used")
        await used.enter(10.0, total)
        gates.of("closed").throttled(600.0)
        for n in range(100):
            gates.of(f"h{n}")
        assert gates.of("used") is used
        assert gates.of("closed").closed_for_s() > 0
        used.leave(total, 0.0)

    run(scene())
