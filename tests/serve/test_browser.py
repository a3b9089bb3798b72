"""A real browser: Chromium drives the pages, axe looks for what hinders people. Skipped where there is no Chromium."""

from collections.abc import Iterator

import pytest

from tests.serve.running import Server

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.xdist_group("serve")

WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[object]:
    with playwright.sync_playwright() as tool:
        running = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser, server: Server):
    """``opened(path, ...)`` gives the page in a fresh context; whatever the browser complains about fails the test."""
    contexts, complaints = [], []

    def open_(path: str, *, dark=False, script=True):
        context = browser.new_context(
            viewport=WIDE, color_scheme="dark" if dark else "light", java_script_enabled=script, bypass_csp=False
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith(server.base) or complaints.append(request.url))
        page.goto(server.base + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture(scope="module")
def paths(server: Server, told: dict) -> dict[str, str]:
    copy = next(one for one in told["versions"] if one["based_on"])
    pair = f"a={copy['based_on']}&b={copy['article_id']}"
    return {
        "stories": "/",
        "search": "/?q=river&versions=2",
        "story": f"/stories/{told['story_id']}",
        "article": f"/articles/{copy['article_id']}",
        "diff": f"/diff?{pair}",
        "explain": f"/explain?{pair}",
        "sources": "/sources?period=all",
        "feeds": "/feeds",
        "about": "/about",
    }


PAGES = ("stories", "search", "story", "article", "diff", "explain", "sources", "feeds", "about")


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_a_phone_never_scrolls_sideways(unguarded, server, paths, name):
    """WCAG 2.2 AA in light, contrasts again in dark."""
    page = unguarded
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.goto(server.base + paths[name])
    said = violations(page, WCAG)
    page.emulate_media(color_scheme="dark")
    said += violations(page, {"runOnly": ["color-contrast"]})
    assert not said
    page.set_viewport_size(PHONE)
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= seen


@pytest.fixture(scope="module")
def unguarded(browser):
    """A page that lets axe in past our Content-Security-Policy, which forbids foreign scripts."""
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


def violations(page, options):
    found = axe.Axe().run(page, options=options)
    return [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"][:3]])
        for one in found.response["violations"]
    ]


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_a_reader_searches_opens_a_story_and_compares_two_versions(opened, told, script):
    page = opened("/", script=script)
    word = max((told["title"] or "").split(), key=len)
    page.get_by_role("searchbox").fill(word)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=told["title"]).click()
    assert page.get_by_role("heading", level=1).inner_text() == told["title"]
    page.get_by_role("button", name="Side by side").click()
    assert page.locator(".pair").count() > 3
    assert page.locator("ins, del").count() > 0
    page.get_by_role("link", name="Why together?").click()
    assert page.get_by_role("heading", level=2).first.inner_text().startswith("One story")
    assert page.get_by_role("heading", level=1).inner_text() == "Why together?"


def test_text_from_the_right_stands_at_the_right(opened, server):
    cards = server.json("/api/v1/stories")["stories"]
    card = next(card for card in cards if card["languages"] in (["ckb"], ["ar"]))
    page = opened(f"/stories/{card['story_id']}")
    heading = page.get_by_role("heading", level=1)
    assert heading.evaluate("node => getComputedStyle(node).direction") == "rtl"
    paragraph = page.locator(".text p").first
    assert paragraph.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert page.get_by_role("link", name="Stories").first.evaluate("node => getComputedStyle(node).direction") == "ltr"


def test_dark_mode_is_dark(opened):
    page = opened("/", dark=True)
    red = page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
    assert red < 60


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(opened):
    page = opened("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_news_is_announced_to_those_who_wait(browser, server, tmp_path):
    """The script asks for what has changed since the page was made, and offers it as a link."""
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.route("**/updates*", lambda route: route.fulfill(json={"stories": 2}))
    page.goto(server.base + "/?language=en")
    page.clock.run_for(16_000)
    link = page.locator("#live a")
    link.wait_for()
    assert link.inner_text() == "2 stories are new or have changed"
    assert link.get_attribute("href") == "/?language=en"
    context.close()
