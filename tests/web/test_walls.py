"""A bot wall is named, counted and not fought; a site's own refusal is not a bot wall."""

import pytest

from pipeline.errors import Retry

HTML = {"content_type": "text/html; charset=utf-8"}
WALLS = {
    "Cloudflare": [
        (403, {"cf_mitigated": "challenge"}, b""),
        (429, {"cf_mitigated": "challenge"}, b""),
        (503, {}, b"<title>Just a moment...</title>"),
        (403, {}, b"<script src='/cdn-cgi/challenge-platform/h/b'></script>"),
    ],
    "Vercel": [(429, {"x_vercel_mitigated": "challenge"}, b"")],
    "AWS WAF": [(202, {"x_amzn_waf_action": "challenge"}, b""), (405, {"x_amzn_waf_action": "captcha"}, b"")],
    "DataDome": [(403, {"x_datadome": "protected"}, b"")],
    "DDoS-Guard": [(403, {"server": "ddos-guard"}, b"")],
    "Imperva": [(403, {}, b"<iframe src='/_Incapsula_Resource?x'>")],
}
CASES = [(maker, *case) for maker, cases in WALLS.items() for case in cases]


@pytest.mark.parametrize(("maker", "status", "headers", "body"), CASES)
def test_a_wall_is_named(play, maker, status, headers, body):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(body, status, **(HTML | headers))
        with pytest.raises(Retry, match=f"bot_wall.*{maker}"):
            await wire.get("http://a.test/feed")
        assert len(wire.seen) == 1  # not fought
        assert not wire.web._gates.of("a.test").closed_for_s()

    play(scene)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {"server": "cloudflare"}, b"<html>Just a moment... said the minister"),
        (403, {"server": "cloudflare"}, b"<html>Forbidden"),
        (403, {"content_type": "application/json"}, b'{"error": "Just a moment..."}'),
        (404, {"x_datadome": "protected"}, b"<html>"),
        (202, {}, b"<html>accepted"),
    ],
)
def test_a_sites_own_answer_is_no_wall(play, status, headers, body):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(body, status, **(HTML | headers))
        assert (await wire.get("http://a.test/feed")).status == status

    play(scene)
