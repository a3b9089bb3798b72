"""Nothing that is not public is connected to, however it is spelled, embedded, resolved or redirected to."""

import asyncio
import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Fate, Reject
from pipeline.web.guard import Guard, is_global, plain

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "5f00::1",
    "::127.0.0.1",
    "::10.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2002:c0a8:101::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2600:1234::5efe:10.0.0.1",
    "2600:1234::200:5efe:192.168.0.1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450:4001::1",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
    "2600:1234::5efe:8.8.8.8",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address):
    assert not Guard().permits(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_permitted(address):
    assert Guard().permits(address)


@given(st.integers(0, 2**32 - 1))
def test_ipv4_inside_ipv6_is_judged_as_the_ipv4_that_it_is(number):
    v4 = ip_address(number)
    forms = [f"::ffff:{v4}", f"64:ff9b::{v4}", str(ip_address((0x2002 << 112) | (number << 80)))]
    for form in forms:
        assert is_global(plain(form)) == is_global(v4), form


def test_the_allow_list_opens_exactly_what_it_names():
    guard = Guard(["10.1.0.0/16", "fd00:1::/32"])
    assert guard.permits("10.1.2.3")
    assert guard.permits("::ffff:10.1.2.3")  # the same socket address
    assert guard.permits("fd00:1::5")
    for other in ("10.2.0.1", "127.0.0.1", "fd00:2::1", "64:ff9b::10.1.2.3", "2002:a01:203::1", "::10.1.2.3"):
        assert not guard.permits(other), other


SPELLINGS = [
    "2130706433",
    "0x7f.1",
    "127.1",
    "0177.0.0.1",
    "0x7f000001",
    "localhost",
    "LOCALHOST",
    "127.0.0.1.",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "①②⑦.⓪.⓪.①",
    "0",
    "[::]",
    "0.0.0.0",
    "[::ffff:0:0]",
]


@pytest.mark.parametrize(
    "host",
    SPELLINGS,
)
def test_odd_spellings_of_loopback_reach_nothing(play, host):
    async def scene(wire):
        with pytest.raises(Fate, match=r"blocked_address|bad_url|dns_failure"):
            await wire.get(f"http://{host}:{wire.port}/")
        assert wire.connections == 0

    play(scene, guarded=True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_private_address_is_refused_at_the_hop(play, status):
    async def scene(wire):
        wire.replies["/feed"] = b"HTTP/1.1 %d X\r\nLocation: http://127.0.0.2:%d/in\r\nContent-Length: 0\r\n\r\n" % (
            status,
            wire.port,
        )
        with pytest.raises(Reject, match="blocked_address"):
            await wire.get("/feed")
        assert wire.paths() == ["/feed"]

    play(scene, allow_private_networks=("127.0.0.1/32",))


def test_a_mapped_name_is_still_guarded(play):
    async def scene(wire):
        with pytest.raises(Reject, match="blocked_address"):
            await wire.get("http://a.test/feed")
        assert wire.connections == 0

    play(scene, guarded=True)


def test_a_name_that_resolves_differently_the_second_time_gains_nothing(play, monkeypatch):
    """Rebinding: the address that is checked is the address that is connected to, at every connection anew."""
    answers = ["127.0.0.1", "10.0.0.7"]
    asked = []

    def lookup(host, port, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[min(len(asked), 2) - 1], port))]

    async def scene(wire):
        async def once(_):
            yield wire.reply(b"<rss>")

        wire.replies["/feed"] = once
        url = f"http://rebind.example:{wire.port}/feed"
        assert (await wire.get(url)).status == 200
        await asyncio.sleep(0.01)
        with pytest.raises(Reject, match="blocked_address"):
            await wire.get(url)
        assert len(asked) == 2
        assert len(wire.seen) == 1

    monkeypatch.setattr("pipeline.web.dial.socket.getaddrinfo", lookup)
    play(scene, allow_private_networks=("127.0.0.0/8",))


def test_of_several_addresses_only_the_permitted_are_tried(play, monkeypatch):
    def lookup(host, port, *args, **kwargs):
        addresses = ["10.0.0.1", "127.0.0.1", "192.168.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"<rss>")
        assert (await wire.get(f"http://mixed.example:{wire.port}/feed")).status == 200

    monkeypatch.setattr("pipeline.web.dial.socket.getaddrinfo", lookup)
    play(scene)


def test_an_address_that_does_not_answer_gives_way_to_the_next(play, monkeypatch):
    def lookup(host, port, *args, **kwargs):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.9.9.9", 1)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"<rss>")
        assert (await wire.get(f"http://two.example:{wire.port}/feed")).status == 200

    monkeypatch.setattr("pipeline.web.dial.socket.getaddrinfo", lookup)
    play(scene)


def test_a_resolver_that_hangs_costs_one_request_and_not_the_others(play, monkeypatch):
    import threading

    from pipeline.errors import Retry

    hang = threading.Event()

    def lookup(host, port, *args, **kwargs):
        if host == "hang.example":
            hang.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"<rss>")
        stuck = asyncio.create_task(wire.get(f"http://hang.example:{wire.port}/feed"))
        assert (await wire.get(f"http://fine.example:{wire.port}/feed")).status == 200
        with pytest.raises(Retry, match="connect_failure"):
            await stuck
        hang.set()

    monkeypatch.setattr("pipeline.web.dial.socket.getaddrinfo", lookup)
    play(scene, connect_timeout_s=0.2)
