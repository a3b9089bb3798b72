"""Who had a story first, or whom its versions credit."""

from datetime import timedelta

import pytest

from pipeline.stages.provenance.claims import received
from pipeline.stages.provenance.names import agency, organisation, site_keys, unnamed
from storage.records import Credit


def test_the_one_that_the_copies_credit_is_the_origin(make):
    first = make.member("NRT", 0)
    copies = [
        make.member(name, 60 * n, credits=(make.credit("source", "NRT", "Source: NRT"),))
        for n, name in enumerate(["Ava", "Bas"], 1)
    ]
    origin = make.story([first, *copies]).origin
    assert (origin.article_id, origin.name) == ("NRT", "NRT")
    assert origin.evidence[0] == "2 of 2 versions credit NRT: Ava (“Source: NRT”) and Bas (“Source: NRT”)"
    assert "Published first (2026-05-12 12:00 UTC), 1 h before Ava" in origin.evidence


def test_an_agency_outside_the_corpus_is_named_without_an_article(make):
    by = make.credit("agency", "AP", "By The Associated Press")
    members = [
        make.member("Ava", 0, credits=(by,)),
        make.member("Bas", 30, dateline=make.dateline("AP")),
        make.member("Cud", 90),
    ]
    origin = make.story(members).origin
    assert (origin.article_id, origin.name) == (None, "AP")
    assert (
        origin.evidence[0]
        == "2 of 3 versions credit AP: Ava (“By The Associated Press”) and Bas (dateline “SARDAN (AP)”)"
    )


def test_an_agency_that_is_a_member_stands_for_itself(make):
    wire = make.member("w", 40, name="Reuters", domain="reuters.com", dateline=make.dateline("Reuters"))
    copy = make.member("Ava", 0, credits=(make.credit("agency", "رويترز", "المصدر: رويترز"),))
    origin = make.story([copy, wire]).origin
    assert (origin.article_id, origin.name) == ("w", "Reuters")
    assert "Its own dateline names it: “SARDAN (Reuters)”" in origin.evidence
    assert origin.evidence[-1].startswith("Against it: Ava carries an earlier date")


def test_a_credited_picture_is_no_origin_of_the_text(make):
    """The seed's own pattern: “Image: ARA News / Article: NRT” on NRT's page, and ARA News with an own, earlier report."""
    nrt = make.member(
        "NRT",
        0,
        credits=(make.credit("image", "ARA News", "Image: ARA News"), make.credit("source", "NRT", "Article: NRT")),
    )
    ara = make.member("ARA News", 45)
    origin = make.story([nrt, ara]).origin
    assert origin.article_id == "NRT"
    assert "It names itself as the source: “Article: NRT”" in origin.evidence
    assert origin.evidence[-1] == "Not counted: NRT credits ARA News for a picture only (“Image: ARA News”)"


def test_whoever_received_a_press_release_is_not_its_origin(make):
    text = "Dorran said, cited by the operation in a press release provided to NRT"
    copy = make.member("Ava", 0, credits=(make.credit("source", "NRT", text),))
    late = make.member("NRT", 50)
    assert make.story([copy, late]).origin.article_id == "Ava"


@pytest.mark.parametrize(
    ("name", "text"),
    [("NRT", "a statement sent to NRT"), ("Reuters", "he told Reuters"), ("AP", "in an interview with the AP"), ("Ava News", "documents seen by Ava  News"),
     ("NRT", "according to NRT"), ("رووداو", "في بيان تلقت شبكة رووداو")],
)  # fmt: skip
def test_recipients_and_quoted_media_are_no_sources(name, text):
    assert received(Credit(role="source", name=name, text=text))


@pytest.mark.parametrize(
    ("name", "text"), [("NRT", "Source: NRT"), ("AP", "By AP"), ("EFE", "(Con información de EFE)"), ("", "")]
)
def test_plain_credits_are_sources(name, text):
    assert not received(Credit(role="source", name=name, text=text))


def test_the_issuer_of_a_press_release_is_the_origin_only_where_many_printed_it(make):
    press = make.credit("source", "Water Directorate", "Source: press release of the Water Directorate")
    alone = make.story([make.member("Ava", 0, credits=(press,)), make.member("Bas", 90)])
    assert alone.origin.article_id == "Ava"
    many = make.story([make.member(f"Paper {n}", 60 * n, credits=(press,)) for n in range(5)])
    assert (many.origin.article_id, many.origin.name) == (None, "Water Directorate")
    assert many.origin.evidence[0].startswith("5 of 5 versions credit a press release of Water Directorate")


def test_a_chain_of_credits_leads_to_its_end(make):
    """Cud copies Bas, Bas copies Ava: Ava has both voices."""
    members = [
        make.member("Ava", 0),
        make.member("Bas", 30, credits=(make.credit("republished_from", "Ava"),)),
        make.member("Cud", 60, credits=(make.credit("source", "Bas", "Source: Bas"),)),
    ]
    origin = make.story(members).origin
    assert origin.article_id == "Ava"
    assert "Cud (“Source: Bas”, by way of Bas)" in origin.evidence[0]


def test_credits_in_a_circle_are_decided_by_the_dates(make):
    first = make.member("Ava", 0, credits=(make.credit("source", "Bas"),))
    second = make.member("Bas", 120, credits=(make.credit("source", "Ava"),))
    assert make.story([second, first]).origin.article_id == "Ava"


def test_without_credits_the_first_is_the_origin(make):
    origin = make.story([make.member("Bas", 130), make.member("Ava", 0)]).origin
    assert origin.article_id == "Ava"
    assert origin.evidence == ("Published first (2026-05-12 12:00 UTC), 2 h 10 min before Bas",)


def test_dates_within_minutes_of_each_other_decide_nothing_but_a_dateline_may(make):
    first, second = make.member("Ava", 0), make.member("Bas", 6, dateline=make.dateline(place="SARDAN"))
    full = make.member("Cud", 8, dateline=make.dateline("Cud"))
    origin = make.story([first, second, full]).origin
    assert origin.article_id == "Cud"
    assert "the dates do not decide between it and Ava and Bas" in " ".join(origin.evidence)


def test_a_date_after_the_article_was_seen_is_a_later_edit_and_not_used(make):
    edited = make.member("Ava", 0, date_published=make.member("x", 600).date_published)
    assert make.story([edited, make.member("Bas", 120)]).origin.article_id == "Ava"


def test_a_date_from_the_url_names_a_day_and_wins_against_no_clock_time(make):
    """2026-05-12 from the URL may have been midnight or evening: it is not “twelve hours before noon”."""
    day = make.member(
        "Bas",
        -720,
        date_published_from="url",
        date_published_raw="/2026/05/12/",
        date_first_seen=make.member("x", 300).date_first_seen,
    )
    origin = make.story([make.member("Ava", 0), day]).origin
    assert origin.article_id == "Ava"


def test_one_doubtful_credit_loses_against_a_text_that_was_out_long_before(make):
    ava = make.member("Ava", 0, dateline=make.dateline())
    bas = make.member("Bas", 600)
    cud = make.member("Cud", 700, credits=(make.credit("source", "Bas"),))
    origin = make.story([ava, bas, cud]).origin
    assert origin.article_id == "Ava"
    assert origin.evidence[-1] == "1 of 2 versions credits Bas: Cud (“source: Bas”)"


def test_two_bylines_of_an_agency_win_against_any_date(make):
    by = make.credit("agency", "AFP")
    members = [make.member("Ava", 0), make.member("Bas", 900, credits=(by,)), make.member("Cud", 910, credits=(by,))]
    assert make.story(members).origin.name == "AFP"


def test_ten_pages_of_one_publisher_are_one_voice(make):
    same = {"name": "Bas", "domain": "bas.example", "credits": (make.credit("source", "Zed"),)}
    members = [make.member("Ava", 0), *(make.member(f"b{n}", 500 + n, **same) for n in range(10))]
    assert make.story(members).origin.article_id == "Ava"


def test_several_named_sources_share_one_voice(make):
    three = tuple(make.credit("agency", name) for name in ("AFP", "EFE", "Reuters"))
    assert make.story([make.member("Ava", 0), make.member("Bas", 90, credits=three)]).origin.article_id == "Ava"


def test_unnamed_agencies_are_an_origin_only_where_nobody_else_is_left(make):
    agencies = (make.credit("agency", "Agencies", "With inputs from agencies"),)
    told = make.story([make.member("Ava", 0, credits=agencies), make.member("Bas", 60, credits=agencies)]).origin
    assert (told.article_id, told.name) == (None, "news agencies (unnamed)")
    assert make.story([make.member("Ava", 0, credits=agencies), make.member("Bas", 60)]).origin.article_id == "Bas"


def test_an_author_that_is_the_newsroom_is_no_claim(make):
    staff = (make.credit("author_org", "Ava Newsroom"),)
    assert make.story([make.member("Ava", 0, credits=staff), make.member("Bas", 60)]).origin.article_id == "Ava"


def test_an_agency_in_the_byline_is_a_credit_and_a_person_is_none(make):
    """Facts: an agency in the author field is right in 97 of 100 pages; names that say so need no table."""
    members = [
        make.member(name, 30 * n, authors=("Meridian News Agency", "Fran Colby"))
        for n, name in enumerate(["Ava", "Bas", "Cud"])
    ]
    origin = make.story(members).origin
    assert (origin.article_id, origin.name) == (None, "Meridian News Agency")
    assert origin.evidence[0].startswith(
        "3 of 3 versions credit Meridian News Agency: Ava (byline “Meridian News Agency”)"
    )
    assert (
        make.story([make.member("Ava", authors=("Fran Colby", "Agencies")), make.member("Bas", 60)]).origin.article_id
        == "Ava"
    )


def test_another_member_in_the_byline_is_a_credit(make):
    assert make.story([make.member("Ava", 0, authors=("NRV",)), make.member("NRV", 60)]).origin.article_id == "NRV"


def test_an_own_byline_is_none(make):
    assert (
        make.story([make.member("Ava Agency", 0, authors=("Ava Agency",)), make.member("Bas", 60)]).origin.article_id
        == "Ava Agency"
    )


def test_a_canonical_link_to_another_members_page_is_a_credit(make):
    copy = make.member("Ava", 0, canonical_url="https://www.bas.example/news/7")
    origin = make.story([copy, make.member("Bas", 120)]).origin
    assert origin.article_id == "Bas"
    assert "canonical link https://www.bas.example/news/7" in origin.evidence[0]


def test_a_single_version_is_its_own_origin_or_the_agency_that_it_names(make):
    origin = make.story([make.member("Ava")]).origin
    assert (origin.article_id, origin.evidence) == ("Ava", ("It is the only version so far",))
    assert make.story([make.member("Ava", credits=(make.credit("agency", "dpa"),))]).origin.name == "dpa"


def test_what_holds_all_of_the_others_says_so(make):
    links = [make.link("Ava", "Bas", 0.5, 0.5, 1.0, "excerpt")]
    assert (
        "It holds all of what the versions linked to it say"
        in make.story([make.member("Ava", 0), make.member("Bas", 60)], links).origin.evidence
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("AP", "The Associated Press"), ("رويترز", "Reuters"), ("AP News", "apnews.com"), ("新华社", "Xinhua News Agency"), ("ARA News", "Ara"),
     ("Anadolu Ajansı", "Anadolu Agency"), ("Agencia EFE", "EFE"), ("Rûdaw", "Rudaw"), ("كوردستان", "کوردستان")],
)  # fmt: skip
def test_spellings_of_one_house_meet(one, other):
    assert organisation(one) == organisation(other)


@pytest.mark.parametrize(
    ("one", "other"), [("AP", "PAP"), ("AFP", "EFE"), ("Kurdistan 24", "Kurdistan"), ("NRT", "ARA News")]
)
def test_different_houses_stay_apart(one, other):
    assert organisation(one) != organisation(other)


def test_a_publisher_is_known_by_name_and_domain():
    assert {"nrt", "nrttv"} <= site_keys("NRT English", "nrttv.com")
    assert organisation("ARA News") in site_keys(None, "aranews.net")
    assert agency("Kirkuk Now") is None
    assert unnamed("وكالات")
    assert not unnamed("AP")


def test_a_gap_is_told_in_the_two_largest_units(make):
    late = make.member("Bas", timedelta(days=3, hours=4, minutes=5).total_seconds() / 60)
    assert "3 d 4 h before Bas" in make.story([make.member("Ava"), late]).origin.evidence[0]


def test_a_quoted_medium_is_not_the_origin_although_its_name_is_said(make):
    """“told NRT” cites; the copy's own text came first."""
    ava = make.member("Ava", 0, credits=(make.credit("source", "NRT", "the minister told NRT"),))
    assert make.story([ava, make.member("NRT", 50)]).origin.article_id == "Ava"


def test_of_a_publishers_pages_the_one_that_says_most_speaks(make):
    pages = [
        make.member("b1", 30, name="Bas", credits=(make.credit("agency", "dpa", "Von dpa"),)),
        make.member("b2", 60, name="Bas", credits=(make.credit("author_org", "dpa", "dpa"),)),
    ]
    origin = make.story([make.member("Ava", 0), *pages]).origin
    assert origin.name == "dpa"
    assert origin.evidence[0] == "1 of 3 versions credits dpa: Bas (“Von dpa”)"
