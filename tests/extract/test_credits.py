"""Credits: whom a page names as the origin of its text, and whom it only mentions."""

import pytest

from tests.extract.making import STORY, credited, entry, html, paragraphs, read

LEAD, *REST = STORY


def with_lead(words: str) -> str:
    return html(paragraphs([f"{words}{LEAD}", *REST]))


def with_tail(line: str) -> str:
    return html(paragraphs([*STORY, line]))


@pytest.mark.parametrize(
    ("lead", "place", "date", "agency"),
    [
        ("BAGHDAD, Nov 2 (AP) — ", "BAGHDAD", "Nov 2", "AP"),
        ("(Reuters) - ", None, None, "Reuters"),
        ("Berlin (dpa) - ", "Berlin", None, "dpa"),
        ("PARIS, 4 mars (AFP) - ", "PARIS", "4 mars", "AFP"),
        ("Madrid, 20 nov (EFE).- ", "Madrid", "20 nov", "EFE"),
        ("ST. JOSEPH, Mich. (AP) — ", "ST. JOSEPH, Mich.", None, "AP"),
        ("HANOI, Vietnam (AP) – ", "HANOI, Vietnam", None, "AP"),
        ("Diyarbakır (DHA) - ", "Diyarbakır", None, "DHA"),
        ("ANKARA / AA - ", "ANKARA", None, "Anadolu Agency"),
        ("AFP - ", None, None, "AFP"),
        ("(ANSA) - ROMA, 20 NOV - ", "ROMA", "20 NOV", "ANSA"),
        ("LONDON, March 9, 2026 (GLOBE NEWSWIRE) -- ", "LONDON", "March 9, 2026", "GlobeNewswire"),
        ("أربيل (رويترز) - ", "أربيل", None, "Reuters"),
        ("بغداد - رويترز: ", "بغداد", None, "Reuters"),
        ("МОСКВА, 20 ноя — РИА Новости. ", "МОСКВА", "20 ноя", "RIA Novosti"),
    ],
)
def test_a_dateline_with_an_agency_credits_it(lead: str, place: str | None, date: str | None, agency: str) -> None:
    found = read(with_lead(lead))
    assert found.dateline is not None
    assert (found.dateline.place, found.dateline.date, found.dateline.agency) == (place, date, agency)
    assert credited(found, "agency") == [agency]


@pytest.mark.parametrize(
    ("lead", "place"),
    [("MAKHMOUR — ", "MAKHMOUR"), ("NEW DELHI: ", "NEW DELHI"), ("BERLIN -- ", "BERLIN"), ("MEXICO CITY — ", "MEXICO CITY"),
     ("HONOLULU, Hawaii (HawaiiNewsNow) - ", "HONOLULU, Hawaii"), ("DALLAS (WFAA) — ", "DALLAS")],
)  # fmt: skip
def test_a_city_or_a_station_is_a_dateline_and_credits_nobody(lead: str, place: str) -> None:
    found = read(with_lead(lead))
    assert found.dateline is not None
    assert found.dateline.place == place
    assert found.credits == ()


@pytest.mark.parametrize(
    "lead", ["GPS — ", "Binge eating (BED) is one thing. ", "Rep. Jane Doe (R) said so. ", "UPDATE: ", ""]
)
def test_what_only_looks_like_a_dateline_is_none(lead: str) -> None:
    assert read(with_lead(lead)).dateline is None


@pytest.mark.parametrize(
    ("line", "role", "name"),
    [
        ("Source: AFP", "agency", "AFP"),
        ("Quelle: dpa", "agency", "dpa"),
        ("Fuente: EFE", "agency", "EFE"),
        ("Kaynak: Anadolu Ajansı", "agency", "Anadolu Agency"),
        ("المصدر: رويترز", "agency", "Reuters"),
        ("المصدر: وكالات", "agency", "agencies"),
        ("سەرچاوە: ڕووداو", "source", "ڕووداو"),
        ("منبع: ایسنا", "agency", "ISNA"),
        ("Źródło: PAP", "agency", "PAP"),
        ("Джерело: Укрінформ", "agency", "Ukrinform"),
        ("来源：新华社", "agency", "Xinhua"),
        ("© 2016 AFP", "agency", "AFP"),
        ("Copyright 2026 The Associated Press. All rights reserved.", "agency", "AP"),
        ("Reporting by Ann Lee in Erbil; Editing by Tom Roe", "agency", "Reuters"),
        ("This article was originally published on Riverside Review.", "republished_from", "Riverside Review"),
        ("(AFP)", "agency", "AFP"),
        ("The Associated Press contributed to this report.", "agency", "AP"),
        ("(Con información de AFP, EFE y Reuters)", "agency", "AFP"),
        ("With inputs from agencies", "agency", "agencies"),
    ],
)
def test_a_closing_line_credits(line: str, role: str, name: str) -> None:
    found = read(with_tail(line))
    assert name in credited(found, role)
    assert credited(found, "image") == []


@pytest.mark.parametrize("ending", [" (AFP)", " — AFP", " PTI", " (dpa)", " [Reuters]"])
def test_the_last_words_of_the_last_paragraph_credit(ending: str) -> None:
    found = read(html(paragraphs([*STORY[:-1], STORY[-1] + ending])))
    assert len(credited(found, "agency")) == 1


def test_every_agency_of_a_joint_credit_is_named() -> None:
    found = read(with_tail("(Con información de AFP, EFE y Reuters)"))
    assert set(credited(found, "agency")) == {"AFP", "EFE", "Reuters"}


@pytest.mark.parametrize(
    "byline",
    ['<div class="byline">By JANE DOE, Associated Press</div>', '<p class="author">Von Jan Muster, AP</p>',
     '<span class="article-source">AP</span>', '<div class="article-author">The Associated Press</div>',
     '<a rel="author" href="/author/ap">Associated Press</a>'],
)  # fmt: skip
def test_an_agency_in_the_byline_is_credited_and_is_no_author(byline: str) -> None:
    found = read(html(before=byline))
    assert credited(found, "agency") == ["AP"]
    assert all("Associated" not in author.name and author.name != "AP" for author in found.authors)


@pytest.mark.parametrize(
    "head",
    ['<meta name="author" content="Associated Press">', '<meta name="byl" content="By The Associated Press">',
     '<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","author":{"@type":"Organization","name":"AP"}}</script>',
     '<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","publisher":{"@type":"Organization","name":"Associated Press"}}</script>',
     '<meta name="dc.source" content="Associated Press">'],
)  # fmt: skip
def test_an_agency_that_the_page_declares_is_credited(head: str) -> None:
    assert credited(read(html(head=head)), "agency") == ["AP"]


def test_text_and_picture_are_told_apart_in_one_line() -> None:
    found = read(with_tail("Image: ARA News / Article: NRT"))
    assert credited(found, "image") == ["ARA News"]
    assert credited(found, "source") == ["NRT"]
    assert "ARA News" not in found.content_text


@pytest.mark.parametrize("place", ["<p>{}</p>", "<p><strong>{}</strong></p>", "<div>{}</div>", '<div class="source">{}</div>',
                                   '<div class="article-author">{}</div>', "<footer>{}</footer>", "<em>{}</em>", "<p><span>{}</span></p>",
                                   '<p class="credit-line">{}</p>'])  # fmt: skip
def test_a_label_is_read_wherever_a_template_sets_it(place: str) -> None:
    found = read(html(after=place.format("Source: NRT")))
    assert credited(found, "source") == ["NRT"]
    assert "Source: NRT" not in found.content_text


@pytest.mark.parametrize(
    "sentence",
    [
        "He told AFP that the bridge would hold for fifty years at least.",
        "The cost was nine million, according to Reuters and a person who has seen the papers.",
        "Reuters reported on Sunday that the contractor had asked for more money.",
        "The figures were given in a press release provided to NRT by the city's press office.",
        "She told The Associated Press on Monday that lorries would have to wait until the summer.",
        "The European Space Agency has photographed the river from its new satellite many times.",
        "Federal agencies and local agencies will pay for the second bridge together.",
    ],
)
def test_a_citation_is_no_credit(sentence: str) -> None:
    for lines in ([sentence, *STORY], [*STORY, sentence], [STORY[0], sentence, *STORY[1:]]):
        found = read(html(paragraphs(lines)))
        assert [credit for credit in found.credits if credit.role != "image"] == []


@pytest.mark.parametrize(
    "picture",
    ['<figure><img src="a.jpg"><figcaption>The bridge on Monday. Photo: AFP</figcaption></figure>',
     '<div class="image-wrap"><img src="a.jpg"><span class="credit">Jane Doe / AP</span></div>',
     '<div class="photo"><span class="source">© dpa</span></div>',
     '<p class="caption">The bridge. © dpa</p>',
     '<figure><figcaption><span class="author">KCNA/dpa</span></figcaption></figure>'],
)  # fmt: skip
def test_a_picture_s_credit_is_not_the_text_s(picture: str) -> None:
    found = read(html(before=picture))
    assert credited(found, "agency") == []


@pytest.mark.parametrize(
    "related",
    ['<aside><h3><a href="/x">Dam opens</a></h3><span class="byline">AFP</span></aside>',
     '<div class="related"><span class="author">Reuters</span></div>',
     '<ul><li><h3><a href="/y">Road closes</a></h3><div class="byline">By Associated Press</div></li></ul>',
     '<div class="grid"><div><a href="/z"><h2>Rail strike ends</h2><span class="author">AP</span></a></div></div>'],
)  # fmt: skip
def test_the_byline_of_a_related_article_is_nobody_s_credit(related: str) -> None:
    assert credited(read(html(after=related)), "agency") == []


def test_licence_lines_and_rights_of_the_site_are_no_credit() -> None:
    found = read(with_tail("Text licensed under CC BY 4.0. © 2026 Daily Example. All rights reserved."))
    assert [credit for credit in found.credits if credit.role != "image"] == []


def test_an_agency_s_own_site_credits_nobody_for_its_own_text() -> None:
    found = read(with_lead("BAGHDAD (AP) — "), url="https://apnews.com/article/bridge-123")
    assert credited(found, "agency") == []
    assert found.dateline is not None
    assert found.dateline.agency == "AP"


@pytest.mark.parametrize(
    ("head", "role", "name"),
    [
        ('<link rel="canonical" href="https://riverside.example.org/2026/bridge">', "republished_from", "riverside.example.org"),
        ('<meta name="original-source" content="https://theoriginal.com/bridge">', "republished_from", "theoriginal.com"),
        ('<meta name="syndication-source" content="https://theoriginal.com/bridge">', "republished_from", "theoriginal.com"),
        ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","isBasedOn":"https://theoriginal.com/b"}</script>', "republished_from", "theoriginal.com"),
        ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","sourceOrganization":{"@type":"Organization","name":"Riverside Review"}}</script>', "source", "Riverside Review"),
        ('<img src="https://counter.theconversation.com/content/1/count.gif">', "republished_from", "The Conversation"),
    ],
)  # fmt: skip
def test_another_site_as_origin_is_a_credit(head: str, role: str, name: str) -> None:
    found = read(html(head=head))
    named = credited(found, role)
    assert named == [name] or (len(named) == 1 and name.endswith(named[0]))
    assert found.canonical_url is None or "daily.example" in found.canonical_url


@pytest.mark.parametrize("href", ["https://daily.example/2026/03/09/bridge-reopens", "/2026/03/09/bridge-reopens", "https://www.daily.example/x",
                                  "https://otherhost.example/", "not a url"])  # fmt: skip
def test_a_canonical_of_the_same_site_or_of_a_home_page_is_no_credit(href: str) -> None:
    assert read(html(head=f'<link rel="canonical" href="{href}">')).credits == ()


def test_the_feed_s_own_source_is_a_credit() -> None:
    assert credited(read(html(), announced=entry(credit="AFP")), "agency") == ["AFP"]
    assert credited(read(html(), announced=entry(credit="Riverside Review")), "source") == ["Riverside Review"]


def test_each_name_stands_once_a_role() -> None:
    found = read(html(paragraphs([f"BAGHDAD (AP) — {LEAD}", *REST, "Copyright 2026 The Associated Press. All rights reserved."]),
                      before='<div class="byline">Associated Press</div>'))  # fmt: skip
    assert credited(found, "agency") == ["AP"]
