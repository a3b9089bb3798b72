"""Agencies that no table knows: names that say of themselves what they are, wherever a page credits its text."""

import pytest

from pipeline.text.agencies import credited_in, named_agency
from tests.extract.making import STORY, TITLE, credited, entry, html, paragraphs, read

NAME = "Meridian News Agency"
LEAD, *REST = STORY
JSON_LD = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"H",%s}</script>'


@pytest.mark.parametrize(
    "name",
    [
        NAME, "MERIDIAN NEWS AGENCY", "Meridian Press Agency", "Evening News Service", "Agence de presse Méridien", "Agence Méridien",
        "Agencia de Noticias Meridiano", "Agencia Meridiano", "Agência Meridiano", "Agenzia di stampa Meridiano", "Agenzia Meridiana",
        "Nachrichtenagentur Meridian", "Presseagentur Meridian", "Katholische Nachrichten-Agentur", "Evangelischer Pressedienst",
        "Persbureau Meridiaan", "Agencja Prasowa Meridian", "Агентство Меридиан", "Информационное агентство «Меридиан»",
        "Інформаційне агентство Меридіан", "وكالة ميريديان للأنباء", "وكالة أنباء ميريديان", "خبرگزاری مریدین", "ئاژانسی هەواڵی زاگرۆس",
        "ئاژانسي هه‌واڵي زاگرۆس", "Meridyen Haber Ajansı", "Meridyen Ajansı", "Ajansa Nûçeyan a Zagros", "港通信社", "子午线通讯社",
        "子午線通訊社", "자오선통신", "Kantor Berita Meridian", "สำนักข่าวเมริเดียน",
    ],
)  # fmt: skip
def test_a_name_that_says_that_it_is_an_agency_needs_no_table(name: str) -> None:
    assert named_agency(name) == name
    assert credited_in(f"{name} (MNA)") == [name]


@pytest.mark.parametrize(
    "name",
    [
        "federal agencies", "European Space Agency", "Environmental Protection Agency", "Central Intelligence Agency",
        "Agence spatiale européenne", "Agence Spatiale Européenne", "Agence régionale de santé", "Agencia Espacial Europea",
        "Agencia Tributaria", "Agenzia delle Entrate", "Agenzia Spaziale", "Космическое агентство", "Федеральное агентство",
        "агентство недвижимости", "وكالة الفضاء الأوروبية", "وكالة الاستخبارات المركزية", "ئاژانسی هەواڵگری", "Kalkınma Ajansı", "Uzay Ajansı",
        "이동통신", "told Meridian News Agency", "a news agency", "our news agency", "the state news agency", "News Agency",
        "local news agency", "travel agency", "Jane Doe",
    ],
)  # fmt: skip
def test_other_agencies_and_sentences_are_none(name: str) -> None:
    assert named_agency(name) is None
    assert credited_in(name) == []


@pytest.mark.parametrize(
    "page",
    [
        html(before=f'<div class="byline">By {NAME}</div>'),
        html(before=f'<div><span class="by">{NAME} (MNA)</span> <span class="dt">March 9, 2026 11:43</span></div>'),
        html(before=f'<p class="author">Jane Doe | {NAME}</p>'),
        html(head=f'<meta name="author" content="{NAME}">'),
        html(head=JSON_LD % f'"author":{{"@type":"Organization","name":"{NAME}"}}'),
        html(head=JSON_LD % f'"author":[{{"@type":"Person","name":"Jane Doe"}},{{"@type":"Person","name":"{NAME}"}}]'),
        html(paragraphs([*STORY, f"With material from {NAME} (MNA)"])),
        html(paragraphs([*STORY, f"{NAME} contributed to this report."])),
        html(paragraphs([*STORY, f"— {NAME}"])),
        html(paragraphs([*STORY, f"© {NAME}. Republished under licence."])),
        html(paragraphs([f"PORT HALDEN ({NAME}) — {LEAD}", *REST])),
        html(after=f"<p>Source: {NAME}</p>"),
    ],
)
def test_it_is_credited_wherever_a_page_names_it(page: str) -> None:
    found = read(page)
    assert credited(found, "agency") == [NAME]
    assert all(NAME not in author.name for author in found.authors)


def test_a_feed_s_author_that_is_an_agency_is_credited() -> None:
    assert credited(read(html(), announced=entry(authors=(NAME,))), "agency") == [NAME]


@pytest.mark.parametrize("place", ["PORT HALDEN", "Port Halden", "PORT HALDEN, March 9"])
def test_initials_in_the_dateline_are_the_agency_that_the_page_names(place: str) -> None:
    page = html(paragraphs([f"{place} (MNA) — {LEAD}", *REST]), before=f'<div class="byline">{NAME}</div>')
    found = read(page)
    assert found.dateline is not None
    assert found.dateline.agency == NAME
    assert credited(found, "agency") == [NAME]


def test_initials_that_nothing_on_the_page_explains_stay_a_station_s() -> None:
    found = read(html(paragraphs([f"PORT HALDEN (MNA) — {LEAD}", *REST])))
    assert found.dateline is not None
    assert (found.dateline.place, found.dateline.agency) == ("PORT HALDEN", None)
    assert found.credits == ()


@pytest.mark.parametrize(
    "sentence",
    [
        f"A spokesman told {NAME} that the bridge would hold for fifty years at least.",
        f"The cost was nine million, according to {NAME} and a person who has seen the papers.",
        f"{NAME} reported on Sunday that the contractor had asked for more money.",
        "The European Space Agency and the Environmental Protection Agency have measured the river.",
    ],
)
def test_a_citation_of_it_is_no_credit(sentence: str) -> None:
    for lines in ([sentence, *STORY], [*STORY, sentence]):
        assert read(html(paragraphs(lines))).credits == ()


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<meta property="og:site_name" content="Meridian News Agency">', "https://daily.example/a"),
        ('<meta property="og:site_name" content="Meridian">', "https://daily.example/a"),
        (JSON_LD % f'"publisher":{{"@type":"Organization","name":"{NAME}"}}', "https://daily.example/a"),
        ("", "https://meridian.example/a"),
        ("", "https://www.meridiannews.example/a"),
        ("", "https://mna.example/a"),
    ],
)
def test_its_own_site_credits_nobody_for_its_own_text(head: str, url: str) -> None:
    body = paragraphs([f"PORT HALDEN ({NAME}) — {LEAD}", *REST])
    found = read(html(body, head=head, before=f'<div class="byline">{NAME}</div>'), url=url)
    assert credited(found, "agency") == []


@pytest.mark.parametrize(
    ("line", "role", "name"),
    [
        ("提供：みなと新報", "source", "みなと新報"),
        ("提供：港通信社", "agency", "港通信社"),
        ("配信：共同通信", "agency", "Kyodo"),
        ("سه‌رچاوه: ئاژانسي هه‌واڵي زاگرۆس", "agency", "ئاژانسي هه‌واڵي زاگرۆس"),
        ("سەرچاوە: ئاژانسی هەواڵی زاگرۆس", "agency", "ئاژانسی هەواڵی زاگرۆس"),
        ("المصدر: وكالة ميريديان للأنباء", "agency", "وكالة ميريديان للأنباء"),
        ("منبع: خبرگزاري فارس", "agency", "Fars"),
        ("Originally published by NRV.", "republished_from", "NRV"),
        ("This article first appeared in the Harbour Ledger and is reprinted with permission.", "republished_from", "Harbour Ledger"),
        ("Källa: Meridian Nyhetsbyrå", "agency", "Meridian Nyhetsbyrå"),
        ("Bron: Persbureau Meridiaan", "agency", "Persbureau Meridiaan"),
        ("출처: 자오선통신", "agency", "자오선통신"),
    ],
)  # fmt: skip
def test_a_closing_line_in_any_letters_credits(line: str, role: str, name: str) -> None:
    found = read(html(paragraphs([*STORY, line])))
    assert credited(found, role) == [name]


@pytest.mark.parametrize("line", ["写真提供：港通信社", "图片来源：子午线通讯社", "وێنه‌: ئاژانسی هەواڵی زاگرۆس"])
def test_a_picture_s_provider_is_not_the_text_s(line: str) -> None:
    found = read(html(paragraphs([*STORY, line])))
    assert credited(found, "agency") == credited(found, "source") == []
    assert len(credited(found, "image")) == 1


def test_a_headline_about_an_agency_is_no_credit() -> None:
    assert read(html(title=f"{TITLE}, says {NAME}")).credits == ()


@pytest.mark.parametrize(
    "line",
    [
        "Originally published by NRV.",
        "This article first appeared in the Harbour Ledger and is reprinted with permission.",
        f"With material from {NAME} (MNA)",
        f"{NAME} contributed to this report.",
        "(Con información de AFP, EFE y Reuters)",
    ],
)
def test_a_line_that_only_credits_is_credited_and_no_part_of_the_body(line: str) -> None:
    found = read(html(paragraphs([*STORY, line])))
    assert found.content_text == "\n".join(STORY)
    assert found.credits


def test_a_last_sentence_that_tells_where_something_appeared_stays() -> None:
    sentence = "Her essay on the bridge, a quarrel with two engineers of the city, first appeared in the Harbour Ledger in 1924."
    assert read(html(paragraphs([*STORY, sentence]))).content_text.endswith(sentence)
