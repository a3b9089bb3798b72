"""The verdict on a response is total, its words are the closed vocabulary, and no credential follows a feed that moved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cadence import merge
from pipeline.cadence.redirects import track
from pipeline.errors import SLUGS
from pipeline.records import Hop, Request, Response
from pipeline.stages.poll import judge, probe_due, request_for
from storage.records import Feed, Validators

NOW = datetime(2026, 1, 5, tzinfo=UTC)
FEED = Feed(url="http://a.test/feed")


def response(status=200, body=b"<rss/>", hops=(), **headers):
    return Response(
        request_url=FEED.url, url=FEED.url, status=status, headers=headers, body=body, hops=hops, fetched_at=NOW
    )


@given(st.integers(100, 599), st.binary(max_size=20), st.booleans())
def test_every_response_has_a_verdict(status, body, conditional):
    headers = {"If-None-Match": "x"} if conditional else {}
    request = Request(url=FEED.url, kind="feed", headers=headers)
    verdict = judge(request, response(status, body), FEED)
    assert verdict.kind in {"unchanged", "parse", "failed"}
    assert (verdict.slug in SLUGS) == (verdict.kind == "failed")


@pytest.mark.parametrize(
    ("status", "slug"),
    [
        (204, "empty_document"),
        (206, "protocol_error"),
        (300, "bad_redirect"),
        (400, "client_error"),
        (401, "forbidden"),
        (403, "forbidden"),
        (404, "not_found"),
        (408, "timeout"),
        (410, "gone"),
        (429, "rate_limited"),
        (451, "forbidden"),
        (500, "server_error"),
        (521, "server_error"),
    ],
)
def test_statuses_have_names(status, slug):
    assert judge(request_for(FEED, NOW), response(status), FEED).slug == slug


@pytest.mark.parametrize("body", [b"", b"  \r\n\t "])
def test_an_empty_body_is_no_document(body):
    assert judge(request_for(FEED, NOW), response(body=body), FEED).slug == "empty_document"


def test_a_feed_that_moved_to_another_origin_leaves_its_credentials_behind():
    headers = {"Authorization": "Bearer x", "X-Key": "k", "User-Agent": "me", "Cookie": "a=b"}
    feed = Feed(url="https://a.test/feed", headers=headers)
    assert request_for(feed, NOW).headers == headers
    same = replace(feed, fetch_url="https://a.test/new")
    assert request_for(same, NOW).headers == headers
    for elsewhere in ("https://b.test/feed", "http://a.test/feed", "https://a.test:8443/feed"):
        moved = replace(feed, fetch_url=elsewhere)
        assert request_for(moved, NOW).headers == {"User-Agent": "me"}
    kept, _ = merge(Feed(url="https://b.test/feed"), feed)
    assert kept.headers == {}


def test_an_address_with_credentials_is_followed_but_not_rewritten():
    feed = Feed(url="http://u:p@a.test/old")
    moved = response(hops=(Hop(status=301, url="http://a.test/new"),))
    for day in range(30):
        feed = track(feed, moved, shares_entries=True, now=NOW + timedelta(days=day))
    assert feed.fetch_url is None


@given(
    st.builds(
        Validators,
        etag=st.none() | st.just('"x"'),
        unchanged_since_full=st.integers(0, 1000),
        probes=st.integers(0, 50),
        full_at=st.none() | st.integers(0, 400).map(lambda days: NOW - timedelta(days=days)),
        honest_at=st.none() | st.integers(0, 400).map(lambda days: NOW - timedelta(days=days)),
    )
)
def test_a_probe_is_only_for_servers_that_said_304_and_are_not_known_to_be_honest(validators):
    if probe_due(validators, NOW):
        assert validators.unchanged_since_full > 0
        assert validators.etag
        assert validators.honest_at is None or NOW - validators.honest_at >= timedelta(days=14)
