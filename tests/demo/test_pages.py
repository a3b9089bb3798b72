"""Each template is a page of its own kind, and plain trafilatura finds the article in it."""

from collections import Counter

import pytest
import trafilatura

from pipeline.demo.library import content_folder, load_publishers
from pipeline.text.words import read_words

PUBLISHERS = {publisher.id: publisher for publisher in load_publishers()}


def precision_recall(found: str, true: str) -> tuple[float, float]:
    """Over words (units where a script has no spaces), as multisets."""
    a, b = (Counter(read_words(text).hashes.tolist()) for text in (found, true))
    shared = (a & b).total()
    return shared / max(1, a.total()), shared / b.total()


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_the_body_is_found_in_every_page_of_the_site(web, corrected, get, publisher):
    """Where the site repeats its notice inside the body, the notice is found with it: that is the trap."""
    site = PUBLISHERS[publisher]
    pages = [(state, key) for state in (web, corrected) for key in state.urls if key.startswith(publisher + "/")]
    for state, key in pages:
        html = get(state, state.urls[key]).body.decode(site.charset)
        found = trafilatura.extract(html, include_comments=False) or ""
        precision, recall = precision_recall(found, "\n".join([state.text(key), *site.boilerplate]))
        assert recall >= 0.98, key
        assert 2 * precision * recall / (precision + recall) >= 0.9, key


def test_the_repeated_notice_is_long_and_stands_in_every_article_of_one_site(web, get):
    sites = [site for site in PUBLISHERS.values() if site.boilerplate]
    assert [site.id for site in sites] == ["civic-monitor"]
    notice = sites[0].boilerplate
    assert sum(read_words(paragraph).count for paragraph in notice) >= 150
    for key, url in web.urls.items():
        if key.startswith("civic-monitor/"):
            page = get(web, url).body.decode()
            assert all(paragraph.replace("'", "’") in page.replace("'", "’") for paragraph in notice)


def test_templates_differ_between_all_publishers():
    templates = {(content_folder() / name / "page.html").read_bytes() for name in PUBLISHERS}
    assert len(templates) == len(PUBLISHERS)


def test_metadata_ranges_from_all_to_none(web, get):
    def has(publisher: str, needle: str) -> bool:
        url = next(url for key, url in web.urls.items() if key.startswith(publisher + "/"))
        return needle in get(web, url).body.decode(PUBLISHERS[publisher].charset)

    assert has("northgate-courier", "application/ld+json")
    assert has("northgate-courier", 'rel="canonical"')
    assert has("harbour-ledger", 'property="og:title"')
    assert has("tigris-wire", 'itemprop="articleBody"')
    assert not any(has("valley-tribune", mark) for mark in ("ld+json", "og:", "canonical", "<p>", "<article"))


def test_one_site_still_serves_windows_1256(web, get):
    answer = get(web, web.urls["annahr-daily/desalination"])
    assert answer.headers["content-type"] == "text/html; charset=windows-1256"
    assert "مرسى الريم" in answer.body.decode("windows-1256")


def test_credits_stand_on_the_page_and_not_in_the_true_body(web, get):
    key = "nrv-news/joint-clearance"
    page = get(web, web.urls[key]).body.decode()
    assert "<p><strong>Image: Tigris Wire</strong></p>\n<p><strong>Article: NRV</strong></p>" in page
    assert "Image:" not in web.text(key)


def test_a_front_page_lists_the_headlines(web, get):
    front = get(web, "http://open-quay.example/").body.decode()
    assert all(f'href="{url}"' in front for key, url in web.urls.items() if key.startswith("open-quay/"))
