"""The server answers as well-kept sites do, and leaves nothing behind."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.demo.web import DemoWeb
from pipeline.settings import Settings


def test_every_article_is_served_under_its_own_host_name(web, get):
    for key, url in web.urls.items():
        answer = get(web, url)
        assert answer.status == 200, key
        assert answer.headers["content-type"].startswith("text/html; charset=")


def test_one_address_is_many_sites_and_an_unknown_host_is_none(web, get):
    assert len(set(web.resolve.values())) == 1
    assert get(web, "http://unknown.example/").status == 404
    fronts = {get(web, f"http://{host}/").body for host in web.resolve}
    assert len(fronts) == len(web.resolve)


def test_a_validator_that_was_sent_brings_304(web, get):
    validated = set()
    for url in [*web.urls.values(), *(feed.url for feed in web.feeds)]:
        first = get(web, url)
        if "etag" in first.headers:
            again = get(web, url, If_None_Match=first.headers["etag"])
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
            assert get(web, url, If_None_Match='"another"').status == 200
            validated.add("etag")
        if "last-modified" in first.headers:
            assert get(web, url, If_Modified_Since=first.headers["last-modified"]).status == 304
            assert get(web, url, If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT").status == 200
            validated.add("last-modified")
    assert validated == {"etag", "last-modified"}


def test_an_etag_decides_alone_where_both_validators_are_sent(web, get):
    url = web.urls["northgate-courier/tram-depot-fire"]
    modified = get(web, url).headers["last-modified"]
    assert get(web, url, If_None_Match='"another"', If_Modified_Since=modified).status == 200


def test_a_site_without_validators_always_answers_in_full(web, get):
    first = get(web, web.urls["aso-media/cinema-van"])
    assert not {"etag", "last-modified"} & first.headers.keys()


def test_gzip_is_sent_to_whom_asks_for_it(web, get):
    url = web.urls["harbour-ledger/selder-accord"]
    packed, plain = get(web, url, Accept_Encoding="gzip"), get(web, url)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.body == plain.body
    assert packed.headers["etag"] == plain.headers["etag"]


def test_tracking_parameters_change_nothing_and_other_parameters_do(web, get):
    url = web.urls["aso-media/cinema-van"]
    assert get(web, url + "&utm_source=rss&utm_medium=feed").body == get(web, url).body
    assert get(web, url.replace("id=", "id=9")).status == 404


def test_head_has_the_headers_of_get_and_no_body(web, get):
    url = web.urls["open-quay/match-rovers"]
    head, whole = get(web, url, method="HEAD"), get(web, url)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_requests_are_logged_in_order(web, get):
    before = len(web.requests)
    url = web.urls["tigris-wire/border-market"]
    get(web, url, User_Agent="tester/1")
    get(web, url, If_None_Match=get(web, url).headers["etag"])
    logged = web.requests[before:]
    assert [(r.url, r.status, r.conditional) for r in logged] == [
        (url, 200, False),
        (url, 200, False),
        (url, 304, True),
    ]
    assert logged[0].user_agent == "tester/1"


def test_leaving_the_block_frees_the_port_and_ends_every_thread_even_with_idle_connections():
    before = set(threading.enumerate())
    with DemoWeb() as web:
        host, port = web.server.address.split(":")
        idle = socket.create_connection((host, int(port)))
        idle.sendall(b"GET / HTTP/1.1\r\nHost: open-quay.example\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
    idle.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=1)


def test_nothing_is_served_outside_the_block():
    with pytest.raises(RuntimeError):
        _ = DemoWeb().resolve


def test_settings_point_the_pipeline_at_the_small_web_and_keep_the_rest(web):
    settings = web.settings(Settings())
    assert settings.fetch.resolve == web.resolve
    assert settings.fetch.allow_private_networks == ("127.0.0.0/8",)
    assert settings.fetch.per_host_delay_s == 0.0
    assert settings.fetch.respect_robots
    assert settings.feeds == web.feeds
    assert settings.group == Settings().group


def test_without_a_clock_the_articles_are_dated_from_now():
    with DemoWeb() as web:
        assert abs(datetime.now(UTC) - web.start) < timedelta(minutes=5)
