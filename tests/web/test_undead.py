"""No feed is ever given up (scenario S6): the clock is fake, the servers are real, every feed comes back."""

import itertools
import socket
from datetime import timedelta

import pytest

from pipeline.cadence import OutageDetector, pardon
from pipeline.errors import SLUGS, Retry
from pipeline.settings import ScheduleSettings

HOUR, DAY = 3600.0, 86400.0


class Fever:
    """Healthy, except between ``start_s`` and ``end_s``, when ``sick(seen)`` answers."""

    def __init__(self, wire, sick, start_s, end_s):
        self.wire, self.sick, self.start_s, self.end_s = wire, sick, start_s, end_s

    def __call__(self, seen):
        t = seen.at - 1000.0
        if self.start_s <= t < self.end_s:
            return self.sick(seen)
        return self.wire.reply(self.wire.items(*[f"e{int(t / HOUR) - n}" for n in range(10)]))


SICKNESSES = {
    "404 for three hours": (404, 3 * HOUR),
    "410 once": (410, 0.4 * HOUR),
    "410 for a fortnight": (410, 14 * DAY),
    "500 for three days": (500, 3 * DAY),
    "403 for a week": (403, 7 * DAY),
    "a web page for a week": (200, 7 * DAY),
    "404 for two months": (404, 60 * DAY),
}


@pytest.mark.parametrize("name", sorted(SICKNESSES))
def test_a_feed_survives(play, read, name):
    status, length_s = SICKNESSES[name]

    async def scene(wire):
        page = b"<html>nothing here</html>"
        wire.replies["/feed"] = Fever(wire, lambda _: wire.reply(page, status), DAY, DAY + length_s)
        reader = read(wire)
        await reader.poll_until(wire.clock.now() + timedelta(seconds=DAY))
        healthy = reader.feed.schedule.interval_s
        before = len(wire.seen)
        await reader.poll_until(wire.clock.now() + timedelta(seconds=length_s))
        spent = len(wire.seen) - before
        assert spent <= 6 + 24 * length_s / DAY + length_s / healthy / 4
        assert set(reader.outcomes) <= SLUGS.keys() | {"ok", "unchanged"}
        latest_return_s = max(2 * HOUR, min(33 * DAY, length_s * 1.5))
        await reader.poll_until(wire.clock.now() + timedelta(seconds=latest_return_s))
        assert reader.outcomes[-1] in {"ok", "unchanged"}
        assert reader.feed.active
        assert reader.feed.schedule.error_weight == 0.0
        assert reader.feed.schedule.gone_since is None
        assert reader.feed.schedule.interval_s <= max(3 * healthy, 6 * HOUR)

    play(scene)


def test_the_wait_grows_to_its_cap_and_no_further(play, read):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"", 404)
        reader = read(wire)
        await reader.poll_until(wire.clock.now() + timedelta(days=365))
        starts = [seen.at for seen in wire.seen]
        gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
        assert gaps[0] < 2 * HOUR
        assert all(later > earlier * 0.9 for earlier, later in itertools.pairwise(gaps))
        assert max(gaps) <= 33.1 * DAY
        assert len(starts) < 30

    play(scene)


def test_410_is_believed_after_three_times_in_a_week_and_then_asked_every_other_week(play, read):
    async def scene(wire):
        wire.replies["/feed"] = Fever(wire, lambda _: wire.reply(b"", 410), DAY, 90 * DAY)
        reader = read(wire)
        await reader.poll_until(wire.clock.now() + timedelta(days=4))
        assert "dormant" not in reader.feed.anomalies
        await reader.poll_until(wire.clock.now() + timedelta(days=40))
        assert "dormant" in reader.feed.anomalies
        before = len(wire.seen)
        await reader.poll_until(wire.clock.now() + timedelta(days=40))
        assert 2 <= len(wire.seen) - before <= 4
        await reader.poll_until(wire.clock.now() + timedelta(days=40))
        assert reader.outcomes[-1] in {"ok", "unchanged"}
        assert "dormant" not in reader.feed.anomalies

    play(scene)


def test_errors_weigh_by_whose_fault_they_are(play, read):
    async def scene(wire):
        weights = {}
        for slug, answer in {
            "not_found": wire.reply(b"", 404),
            "server_error": wire.reply(b"", 500),
            "forbidden": wire.reply(b"", 401),
            "rate_limited": wire.reply(b"", 429),
        }.items():
            wire.replies[f"/{slug}"] = answer
            reader = read(wire, url=f"http://{slug.replace('_', '-')}.test/{slug}")
            assert await reader.poll() == slug
            weights[slug] = reader.feed.schedule.error_weight
        lost = read(wire, url="http://no-such-host.invalid/feed")
        assert await lost.poll() == "dns_failure"
        weights["dns_failure"] = lost.feed.schedule.error_weight
        assert weights == {
            "not_found": 1.0,
            "server_error": 0.5,
            "forbidden": 0.5,
            "rate_limited": 0.0,
            "dns_failure": 0.25,
        }

    names = [f"{name}.test" for name in ("not-found", "server-error", "forbidden", "rate-limited")]
    play(scene, names=names)


def test_a_server_s_retry_after_is_a_floor(play, read):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"", 503, retry_after="7200")
        reader = read(wire)
        assert await reader.poll() == "server_error"
        assert reader.feed.next_due >= wire.clock.now() + timedelta(seconds=7200)

    play(scene)


def test_an_outage_of_our_own_network_blames_no_feed(play, read, monkeypatch):
    def unreachable(host, port, *args, **kwargs):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async def scene(wire):
        readers = {f"http://gone{n}.invalid/feed": read(wire, url=f"http://gone{n}.invalid/feed") for n in range(50)}
        detector = OutageDetector()
        for url, reader in readers.items():
            detector.observe(url, Retry("dns_failure"), wire.clock.now(), url)
            assert await reader.poll(network_down=detector.down()) == "dns_failure"
            for blamed in detector.pardoned():
                it = readers[blamed]
                it.feed = pardon(it.feed, ScheduleSettings(), wire.clock.now(), it.rng)
        assert all(reader.feed.schedule.error_weight == 0 for reader in readers.values())
        soon = wire.clock.now() + timedelta(minutes=3)
        assert all(reader.feed.next_due <= soon for reader in readers.values())
        detector.observe("a.test", None, wire.clock.now())
        assert not detector.down()

    monkeypatch.setattr("pipeline.web.dial.socket.getaddrinfo", unreachable)
    play(scene)


def test_a_minute_of_silence_from_three_hosts_is_an_outage_for_a_short_list_too(clock):
    detector = OutageDetector()
    for n in range(6):
        detector.observe(f"h{n % 3}", Retry("timeout"), clock.now())
        assert detector.down() == (n >= 3)
        clock.t += 20.0


def test_dead_hosts_among_living_ones_or_at_the_end_of_a_pass_are_no_outage(clock):
    detector = OutageDetector()
    for n in range(100):
        fate = Retry("connect_failure") if n % 9 else Retry("server_error")
        detector.observe(f"h{n}", fate, clock.now())
        assert not detector.down()
    detector.observe("living", None, clock.now())
    clock.t += 30.0
    for n in range(5):
        detector.observe(f"dead{n}", Retry("timeout"), clock.now())
    assert not detector.down()


def test_what_never_left_the_house_proves_nothing(clock):
    detector = OutageDetector()
    for n in range(20):
        detector.observe(f"h{n}", Retry("dns_failure"), clock.now())
        detector.observe("closed", Retry("host_closed"), clock.now())
    assert detector.down()
