"""Names of months and zones as feeds write them, folded: lower case, without diacritics of Latin letters, without dots.

Sources: CLDR month names (wide and abbreviated, formatting and stand-alone) of the languages listed, RFC 5322 §4.3 and
the IANA abbreviations for zones. Arabic has three sets (Levant and Iraq, Gulf and Egypt, Maghreb), Kurdish two scripts.
"""

import unicodedata


def fold(text: str) -> str:
    """Lower case, without marks (``ş`` → ``s``, ``أ`` → ``ا``), with one form for each letter of the Arabic script."""
    text = text.replace("İ", "i").lower()
    if text.isascii():
        return text
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).translate(_VARIANTS)


_VARIANTS = str.maketrans(
    {
        "ı": "i", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae",
        "ك": "ک", "ي": "ی", "ى": "ی", "ە": "ه", "ة": "ه", "ھ": "ه",
        "\u200c": None, "\u200d": None, "\u200e": None, "\u200f": None, "\u0640": None, "\u202a": None,
        "\u202b": None, "\u202c": None, "\u2066": None, "\u2067": None, "\u2068": None, "\u2069": None, "\ufeff": None,
    }
)  # fmt: skip

_GREGORIAN = """
January february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
janr febr mrch aprl may june july aug sept octo nove dece
januar februar märz april mai juni juli august september oktober november dezember
jänner feber mär apr mai jun jul aug sept okt nov dez
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
janv févr mars avr mai juin juil août sept oct nov déc
jan fév mar avr mai jui jul aou sep oct nov dec
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene feb mar abr may jun jul ago set oct nov dic
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
gen feb mar apr mag giu lug ago set ott nov dic
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
jan fev mar abr mai jun jul ago set out nov dez
januari februari maart april mei juni juli augustus september oktober november december
januari februari mars april maj juni juli augusti september oktober november december
januar februar mrt april mai juni juli aug sept okt nov des
styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
sty lut mar kwi maj cze lip sie wrz paź lis gru
ledna února března dubna května června července srpna září října - prosince
január február március április május június július augusztus szeptember október november december
jan febr márc ápr máj jún júl aug szept okt nov dec
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ian feb mar apr mai iun iul aug sept oct noi dec
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
oca şub mar nis may haz tem ağu eyl eki kas ara
yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
янв фев мар апр мая июн июл авг сен окт ноя дек
янв февр марта апр май июня июля авг сент окт нояб дек
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
ιαν φεβ μαρ απρ μαι ιουν ιουλ αυγ σεπ οκτ νοε δεκ
ιαν φεβ μάρ απρ μάϊ ιούν ιούλ αύγ σεπ οκτ νοέ δεκ
ιαν φεβ μάρ απρ μάι ιον ιολ αυγ σεπτ οκτ νοεμ δεκ
januari februari maret april mei juni juli agustus september oktober november desember
jan feb mar apr mei jun jul agu sep okt nov des
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
يناير فبراير مارس إبريل ماي يونية يولية أوت شتنبر أكتوبر نونبر دجنبر
جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر
- شباط آذار نيسان أيار حزيران تموز آب أيلول - - -
ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
ژانویهٔ فوریهٔ مارس اوریل می ژوین ژوییه آگوست سپتامبر اکتوبر نوامبر دسامبر
- شوبات ئازار نیسان ئایار حوزەیران تەمووز ئاب ئەیلوول - - -
- شوبات ئادار نیسان ئایار حوزەیران تەممووز ئاب ئەیلول - - -
rêbendan reşemî adar avrêl gulan pûşper tîrmeh gelawêj rezber kewçêr sermawez berfanbar
çile sibat adar nîsan gulan hezîran tîrmeh tebax îlon cotmeh mijdar kanûn
- şibat adar nîsan gulan heziran temûz ab eylûl - çiriya kanun
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्तूबर नवंबर दिसंबर
جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
"""

_TWO_WORDS = {
    1: ("كانون الثاني", "کانوونی دووەم", "کانونی دووەم", "کانوونی دووه م", "çileya paşîn", "rêbendanê"),
    2: ("çiriya sibatê",),
    10: ("تشرين الأول", "تشرین الاول", "تشرینی یەکەم", "çiriya pêşîn"),
    11: ("تشرين الثاني", "تشرینی دووەم", "çiriya paşîn"),
    12: ("كانون الأول", "کانون الاول", "کانوونی یەکەم", "کانونی یەکەم", "çileya pêşîn"),
}

_JALALI = """
فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند
حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت
خاکەلێوە گوڵان جۆزەردان پووشپەڕ گەلاوێژ خەرمانان ڕەزبەر خەزەڵوەر سەرماوەز بەفرانبار ڕێبەندان ڕەشەمە
"""


def _numbered(rows: str) -> dict[str, int]:
    table: dict[str, int] = {}
    for row in rows.strip().splitlines():
        for number, name in enumerate(row.split(), start=1):
            if name != "-":
                table.setdefault(fold(name), number)
    return table


MONTHS = _numbered(_GREGORIAN)
TWO_WORD_MONTHS = {fold(name): number for number, names in _TWO_WORDS.items() for name in names}
JALALI_MONTHS = _numbered(_JALALI)
"""Months of the Solar Hijri calendar (Persian, Dari and Sorani names). Read so only with a year of 1200-1599."""

ZONES = {
    name: sign * minutes
    for minutes, west, east in (
        (0, "z ut utc gmt wet", ""),
        (60, "cvt", "cet met mez bst wat west wez"),
        (120, "", "eet cest mest mesz sast cat eest3"),
        (150, "ndt", ""),
        (180, "adt art brt clst uyt", "msk eest trt eat ast3 arabia idt"),
        (210, "nst", "irst"),
        (240, "ast edt clt bot", "gst msd azt get amt samt"),
        (270, "", "aft irdt"),
        (300, "est cdt cot pet ect", "pkt uzt yekt tjt tmt"),
        (330, "", "ist slst"),
        (345, "", "npt"),
        (360, "cst mdt", "almt bdt bst6 omst kgt"),
        (390, "", "mmt"),
        (420, "mst pdt", "wib ict krat novt"),
        (480, "pst akdt", "sgt hkt myt pht wita awst irkt cst8 ulat"),
        (540, "akst hdt", "jst kst wit yakt"),
        (570, "", "acst"),
        (600, "hst", "aest vlat chst"),
        (630, "", "acdt"),
        (660, "sst", "aedt magt sbt"),
        (720, "", "nzst pett fjt"),
        (780, "", "nzdt"),
    )
    for sign, names in ((-1, west), (1, east))
    for name in names.split()
}
"""Abbreviation → minutes east of Greenwich. Ambiguous ones as news feeds use them most: CST and AST American, IST Indian,
BST British. RFC 822's military letters (but Z) were defined with the wrong sign and mean nothing (RFC 5322 §4.3)."""
