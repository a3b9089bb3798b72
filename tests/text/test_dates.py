"""Dates: what feeds write is read as the instant they mean, and said to be doubtful where it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.dates import judge_date, read_date
from pipeline.text.months import fold

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)

TEN_IN_BERLIN = [
    "Tue, 05 May 2026 10:00:00 +0200",
    "Tue, 5 May 2026 10:00:00 +0200",
    "Tue, 05 May 26 10:00:00 +0200",
    "Tue, 05 May 2026 10:00 +0200",
    "05 May 2026 10:00:00 +02:00",
    "Tue, 05 May 2026 10:00:00 CEST",
    "Tue, 05 May 2026 10:00:00 +0200 (CEST)",
    "Tue, 05 May 2026 10:00:00 (CEST)",
    "Tue, 05 May 2026 08:00:00 GMT",
    "Tue, 05 May 2026 08:00:00 UT",
    "Tue, 05 May 2026 08:00:00 Z",
    "Tue, 05 May 2026 08:00:00 -0000",
    "Tue, 05 May 2026 11:00:00 MSK",
    "Tue, 05 May 2026 01:00:00 PDT",
    "Tue, 05 May 2026 04:00:00 EDT",
    "Tue, 05 May 2026 17:00:00 JST",
    "Tue, 05 May 2026 13:30:00 IST",
    "Tuesday, May 5, 2026 10:00:00 AM +0200",
    "Tuesday, 5-May-26 08:00:00 GMT",
    "Tue May  5 08:00:00 2026 GMT",
    "May 5th, 2026 at 10:00 a.m. CEST",
    "2026-05-05T10:00:00+02:00",
    "2026-05-05T10:00:00+0200",
    "2026-05-05T10:00+02",
    "2026-05-05T08:00:00Z",
    "2026-05-05t08:00:00z",
    "2026-05-05T08:00:00.123456789Z",
    "2026-05-05 10:00:00 +0200",
    "20260505T080000Z",
    "2026-125T08:00:00Z",
    "2026/05/05 10:00 UTC+2",
    "1777968000",
    "1777968000000",
    " \n Tue, 05 May 2026 10:00:00 +0200 \t",
    "Di, 05 Mai 2026 10:00:00 +0200",
    "Dienstag, 5. Mai 2026, 10:00 Uhr MESZ",
    "mar., 05 mai 2026 10:00:00 +0200",
    "mar, 05 may 2026 10:00:00 +0200",
    "mar, 05 mag 2026 10:00:00 +0200",
    "ter, 05 mai 2026 10:00:00 +0200",
    "Sal, 05 May 2026 11:00:00 +0300",
    "Вт, 05 мая 2026 11:00:00 +0300",
    "الثلاثاء, 05 مايو 2026 11:00:00 +0300",
    "٥ أيار ٢٠٢٦ ١١:٠٠ +0300",
    "۱۵ اردیبهشت ۱۴۰۵ ۱۱:۳۰ +0330",
    "٥ی ئایاری ٢٠٢٦ ١١:٠٠ +0300",
    "5 Gulan 2026 11:00 +0300",
    "2026年5月5日 16:00 +0800",
    "2026년 5월 5일 오후 5:00 KST",
]


@pytest.mark.parametrize("raw", TEN_IN_BERLIN)
def test_many_spellings_of_one_instant(raw: str) -> None:
    found = read_date(raw)
    assert found is not None
    assert found.value.replace(microsecond=0) == datetime(2026, 5, 5, 8, tzinfo=UTC)
    assert (found.zone_given, found.time_given, found.ambiguous) == (True, True, False)


MONTHS = {
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "French, short": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "Portuguese, short": "jan fev mar abr mai jun jul ago set out nov dez",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "Polish": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "Turkish": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "Turkish, upper case": "OCAK ŞUBAT MART NİSAN MAYIS HAZİRAN TEMMUZ AĞUSTOS EYLÜL EKİM KASIM ARALIK",
    "Russian": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "Ukrainian": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "Arabic, Gulf": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "Arabic, Levant and Iraq": "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
    "Arabic, Maghreb": "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
    "Persian, Gregorian": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "Kurdish, Sorani": "کانوونی_دووەم شوبات ئازار نیسان ئایار حوزەیران تەممووز ئاب ئەیلوول تشرینی_یەکەم تشرینی_دووەم کانوونی_یەکەم",
    "Kurdish, Kurmanji": "Çile Sibat Adar Nîsan Gulan Hezîran Tîrmeh Tebax Îlon Cotmeh Mijdar Kanûn",
    "Urdu": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "Greek": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου Δεκεμβρίου",
}


@pytest.mark.parametrize("language", MONTHS)
def test_the_twelve_months_of_a_language(language: str) -> None:
    for number, name in enumerate(MONTHS[language].split(), start=1):
        month = name.replace("_", " ")
        for text in (f"17 {month} 2026 14:30", f"17. {month} 2026, 14:30", f"14:30 - 17 {month} 2026"):
            found = read_date(text)
            assert found is not None, text
            assert (found.value, found.zone_given) == (datetime(2026, number, 17, 14, 30, tzinfo=UTC), False), text


SOLAR_HIJRI = [("1 فروردین 1400", "2021-03-21"), ("1 فروردین 1403", "2024-03-20"), ("30 اسفند 1399", "2021-03-20"), ("۱۴۰۴/۰۱/۰۱", "2025-03-21"),
               ("22 بهمن 1357", "1979-02-11"), ("15 شهریور 1405", "2026-09-06"), ("10 دی 1388", "2009-12-31")]  # fmt: skip


@pytest.mark.parametrize(("raw", "day"), SOLAR_HIJRI)
def test_solar_hijri_dates_are_converted(raw: str, day: str) -> None:
    found = read_date(raw)
    assert found is not None
    assert found.value.date().isoformat() == day


@pytest.mark.parametrize(
    ("raw", "instant", "quality"),
    [
        (None, None, "absent"),
        (" ", None, "absent"),
        ("gestern", None, "unparsable"),
        ("5 minutes ago", None, "unparsable"),
        ("Tue, 31 Feb 2026 10:00:00 GMT", None, "unparsable"),
        ("2026-05", None, "unparsable"),
        ("2026", None, "unparsable"),
        ("99999999999999999999", None, "unparsable"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, "epoch"),
        ("1970-01-01T01:00:00+01:00", None, "epoch"),
        ("0", None, "unparsable"),
        ("Mon, 01 Jan 1806 00:00:00 GMT", None, "ancient"),
        ("Tue, 01 Sep 2099 10:00:00 GMT", None, "future"),
        ("9999-12-31T23:59:59-14:00", None, "unparsable"),
        ("Sun, 10 May 2026 18:00:00 GMT", NOW, "ahead"),
        ("Sun, 10 May 2026 12:05:00 GMT", NOW + timedelta(minutes=5), None),
        ("Sun, 10 May 2026 10:00:00", NOW - timedelta(hours=2), "no_zone"),
        ("Sun, 10 May 2026 10:00:00 +9900", NOW - timedelta(hours=2), "no_zone"),
        ("Sun, 10 May 2026 10:00:00 XYZT", NOW - timedelta(hours=2), "no_zone"),
        ("Sun, 10 May 2026", NOW - timedelta(hours=12), "day_only"),
        ("04/05/2026", datetime(2026, 5, 4, tzinfo=UTC), "ambiguous"),
        ("05/04/2026 08:00", datetime(2026, 5, 4, 8, tzinfo=UTC), "ambiguous"),
        ("17/04/2026", datetime(2026, 4, 17, tzinfo=UTC), "day_only"),
        ("04/17/2026", datetime(2026, 4, 17, tzinfo=UTC), "day_only"),
        ("04.05.2026", datetime(2026, 5, 4, tzinfo=UTC), "day_only"),
        ("2026-05-09T24:00:00Z", datetime(2026, 5, 10, tzinfo=UTC), None),
        ("Sun, 10 May 2026 10:59:60 GMT", datetime(2026, 5, 10, 10, 59, 59, tzinfo=UTC), None),
    ],
)
def test_what_can_be_believed(raw: str | None, instant: datetime | None, quality: str | None) -> None:
    judged = judge_date(raw, fetched_at=NOW)
    assert (judged.value, judged.quality) == (instant, quality)


def test_without_a_time_of_fetching_no_date_is_too_late() -> None:
    assert judge_date("2099-01-01T00:00:00Z", fetched_at=None).value == datetime(2099, 1, 1, tzinfo=UTC)


INSTANTS = st.integers(631152000, 2208988800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
FORMATS = [
    "%a, %d %b %Y %H:%M:%S +0000",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d %B %Y %H:%M:%S GMT",
    "%b %d, %Y %I:%M:%S %p UTC",
    "%A, %d-%b-%Y %H:%M:%S GMT",
    "%Y%m%dT%H%M%SZ",
]


@given(INSTANTS, st.sampled_from(FORMATS))
def test_every_instant_is_read_back_from_every_usual_form(instant: datetime, form: str) -> None:
    found = read_date(instant.strftime(form))
    assert found is not None
    assert found.value == instant


@given(st.text(max_size=80) | st.text(st.sampled_from("0123456789-/:.T+Z mayfébr٣یشوباط年月日"), max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    judged = judge_date(text, fetched_at=NOW)
    assert (judged.value is None) == (judged.quality in {"absent", "unparsable", "epoch", "ancient", "future"})
    assert fold(fold(text)) == fold(text) or not text.isascii()


def test_of_two_readings_the_nearest_that_is_not_ahead_is_taken() -> None:
    near = datetime(2026, 12, 5, tzinfo=UTC)
    readings = {raw: read_date(raw, near=near) for raw in ("07/12/2026", "04/12/2026", "12/04/2026")}
    days = {raw: found.value.date().isoformat() for raw, found in readings.items() if found}
    assert days == {"07/12/2026": "2026-07-12", "04/12/2026": "2026-12-04", "12/04/2026": "2026-12-04"}
