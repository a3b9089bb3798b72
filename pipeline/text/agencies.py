"""News agencies: their names in many languages and scripts, and how to find one in a credit (pure).

Only credits, bylines and datelines are searched with this: a body that says "told AFP" cites, it does not credit.
"""

import re
from functools import lru_cache

from pipeline.text.agency_names import self_named, self_named_in

# Canonical name → other names. Initials that are common words or parties elsewhere (PA, PAP, AA, INA, AAP, ACN) count
# only where the whole field, or the whole bracket of a dateline, is the name.
_NAMES: dict[str, tuple[str, ...]] = {
    "AP": (
        "Associated Press", "The Associated Press", "A.P.", "AP News", "أسوشيتد برس", "اسوشيتد برس", "أ ب",
        "آسوشیتدپرس", "ئەسۆشیەیتد پرێس",
    ),
    "Reuters": (
        "Thomson Reuters", "Reuters News Agency", "Thomson Reuters Foundation", "رويترز", "رویترز",
        "ڕۆیتەرز", "ڕۆیتەرس", "Рейтер", "路透社", "路透", "ロイター", "로이터",
    ),
    "AFP": (
        "Agence France-Presse", "Agence France Presse", "AFP News", "فرانس برس", "أ ف ب", "ا ف ب", "أ.ف.ب",
        "وكالة الصحافة الفرنسية", "فرانس پرس", "خبرگزاری فرانسه", "فرانس پرێس", "法新社", "АФП",
    ),
    "dpa": ("Deutsche Presse-Agentur", "DPA International", "د ب أ", "dpa-AFX"),
    "EFE": ("Agencia EFE", "Agencia Efe", "EFE News", "efe-epa", "EFE Verde", "EPA/EFE"),
    "ANSA": ("Agenzia ANSA", "Redazione ANSA", "ANSAmed"),
    "PAP": ("Polska Agencja Prasowa",),
    "PTI": ("Press Trust of India", "PTI News"),
    "ANI": ("Asian News International",),
    "IANS": ("Indo-Asian News Service",),
    "UNI": ("United News of India",),
    "UPI": ("United Press International",),
    "PA": ("PA Media", "Press Association", "The Press Association", "PA Wire"),
    "AAP": ("Australian Associated Press",),
    "The Canadian Press": ("Canadian Press", "La Presse Canadienne", "La Presse canadienne", "CP"),
    "APA": ("Austria Presse Agentur", "APA - Austria Presse Agentur"),
    "Keystone-SDA": ("Keystone-ATS", "sda", "SDA-ATS"),
    "Belga": ("Agence Belga", "Belga News Agency"),
    "ANP": ("Algemeen Nederlands Persbureau",),
    "TT": ("TT Nyhetsbyrån", "Tidningarnas Telegrambyrå"),
    "NTB": ("Norsk Telegrambyrå",),
    "Ritzau": (),
    "STT": ("Suomen Tietotoimisto",),
    "Lusa": ("Agência Lusa",),
    "Europa Press": ("EP News", "EuropaPress"),
    "Agência Brasil": ("Agencia Brasil",),
    "Estadão Conteúdo": ("Agência Estado", "Estadao Conteudo"),
    "Folhapress": (),
    "Notimex": ("NTX",),
    "Télam": ("Telam",),
    "Agencia Reforma": ("Agencia Reforma/Reforma",),
    "Xinhua": ("Xinhua News Agency", "新华社", "新華社", "新华网", "شينخوا", "Синьхуа"),
    "China News Service": ("中新社", "中新网", "中国新闻网", "CNS"),
    "CNA": ("Central News Agency", "中央社"),
    "Kyodo": ("Kyodo News", "共同通信", "共同通信社", "共同"),
    "Jiji": ("Jiji Press", "時事通信", "時事通信社", "時事"),
    "Yonhap": ("Yonhap News Agency", "연합뉴스", "韩联社", "聯合通訊社"),
    "KCNA": ("Korean Central News Agency", "朝鮮中央通信", "조선중앙통신"),
    "TASS": ("ITAR-TASS", "ТАСС", "ИТАР-ТАСС"),
    "RIA Novosti": ("РИА Новости", "RIA", "РИА «Новости»"),
    "Interfax": ("Интерфакс", "Interfax-Ukraine", "Інтерфакс-Україна"),
    "Ukrinform": ("Укрінформ", "Укринформ"),
    "UNIAN": ("УНІАН", "УНИАН"),
    "Anadolu Agency": ("Anadolu Ajansı", "AA", "Anadolu", "الأناضول", "وكالة الأناضول", "آناتولی", "ئەنادۆڵ"),
    "DHA": ("Demirören Haber Ajansı", "Doğan Haber Ajansı"),
    "İHA": ("İhlas Haber Ajansı", "IHA"),
    "ANKA": ("ANKA Haber Ajansı",),
    "IRNA": ("ایرنا", "إرنا", "ارنا", "Islamic Republic News Agency"),
    "ISNA": ("ایسنا", "Iranian Students' News Agency"),
    "Fars": ("Fars News", "Fars News Agency", "خبرگزاری فارس", "فارس نیوز"),
    "Tasnim": ("Tasnim News Agency", "تسنیم", "خبرگزاری تسنیم"),
    "Mehr": ("Mehr News Agency", "خبرگزاری مهر"),
    "INA": ("Iraqi News Agency", "وكالة الأنباء العراقية", "واع", "National Iraqi News Agency", "NINA"),
    "Shafaq News": ("شفق نيوز", "شەفەق نیوز"),
    "Petra": ("Jordan News Agency", "بترا", "وكالة الأنباء الأردنية"),
    "SANA": ("Syrian Arab News Agency", "سانا", "وكالة الأنباء السورية"),
    "SPA": ("Saudi Press Agency", "واس", "وكالة الأنباء السعودية"),
    "WAM": ("Emirates News Agency", "وام", "وكالة أنباء الإمارات"),
    "KUNA": ("Kuwait News Agency", "كونا", "وكالة الأنباء الكويتية"),
    "QNA": ("Qatar News Agency", "قنا", "وكالة الأنباء القطرية"),
    "MENA": ("Middle East News Agency", "وكالة أنباء الشرق الأوسط", "أ ش أ"),
    "NNA": ("National News Agency", "الوكالة الوطنية للإعلام"),
    "WAFA": ("وفا", "وكالة الأنباء الفلسطينية"),
    "ANF": ("Ajansa Nûçeyan a Firatê", "Fırat Haber Ajansı", "ANF News"),
    "Mezopotamya Agency": ("Mezopotamya Ajansı", "MA"),
    "ANHA": ("Hawar News Agency", "هاوار"),
    "ARA News": (),
    "Hawar": (),
    "TNS": ("Tribune News Service", "Tribune Content Agency"),
    "Bloomberg": ("Bloomberg News",),
    "Dow Jones": ("Dow Jones Newswires",),
    "CNN": ("CNN Wire", "CNN Newsource", "CNN.com Wire Service"),
    "NYT": ("New York Times News Service", "The New York Times News Service"),
    "Washington Post": ("The Washington Post",),
    "Kaiser Health News": ("KHN",),
    "The Conversation": (),
    "States Newsroom": (),
    "ProPublica": (),
    "Stacker": (),
    "GlobeNewswire": ("GLOBE NEWSWIRE", "Globe Newswire"),
    "PR Newswire": ("PRNewswire", "PRNEWSWIRE"),
    "Business Wire": ("BUSINESS WIRE", "BusinessWire"),
    "agencies": (
        "Agencies", "News agencies", "Wire services", "Wire reports", "wire service", "News wires",
        "agency reports", "Agenturen", "Agences", "agences de presse", "Agencias", "agenzie", "agências",
        "Ajanslar", "وكالات", "الوكالات", "وکالات", "خبرگزاری‌ها", "ئاژانسەکان", "агентства", "agencje",
        "From wire reports", "staff and agencies", "Agency",
    ),
}  # fmt: skip
_ONLY_WHOLE = {
    "AA", "AAP", "ANF", "ANI", "APA", "Agency", "Anadolu", "Belga", "CNA", "CNS", "CP", "EFE Verde",
    "EP News", "Fars", "Hawar", "INA", "MA", "MENA", "Mehr", "NNA", "PA", "Petra", "QNA", "RIA", "SANA",
    "SPA", "STT", "Stacker", "TT", "UNI", "UNIAN", "sda", "أ ب", "ارنا", "بترا", "سانا", "قنا", "كونا",
    "هاوار", "واس", "واع", "وام", "وفا", "共同", "時事",
}  # fmt: skip
_OTHER_AGENCIES = re.compile(
    r"\b(?:federal|state|local|government|public|aid|relief|police|security|intelligence)\s+$", re.IGNORECASE
)
_WORDS = re.compile(r"\w+")
_SPACES = re.compile(r"\s+")
_EDGE = re.compile(r"^[\s\W]+|[\s\W]+$")


# Old keyboards write Arabic kaf and yeh for the Persian and Kurdish ones, and heh with a joiner for Sorani's e.
_LETTERS = str.maketrans(
    {"ك": "ک", "ي": "ی", "ى": "ی", "ە": "ه", "ة": "ه", "ھ": "ه", "أ": "ا", "إ": "ا"}
    | {"\u200c": None, "\u200d": None, "\u0640": None}
)


def _one_letter_each(text: str) -> str:
    return text if text.isascii() else text.translate(_LETTERS)


def _key(name: str) -> str:
    return _one_letter_each(_SPACES.sub(" ", _EDGE.sub("", name)).casefold())


@lru_cache(maxsize=1)
def _by_key() -> dict[str, str]:
    return {_key(alias): name for name, aliases in _NAMES.items() for alias in (name, *aliases)}


@lru_cache(maxsize=1)
def _anywhere() -> re.Pattern[str]:
    known = (alias for name, aliases in _NAMES.items() for alias in (name, *aliases))
    searched = {_one_letter_each(alias) for alias in known if alias not in _ONLY_WHOLE}
    names = sorted(searched, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)


def agency_of(name: str) -> str | None:
    """The canonical name, if the whole string is an agency's name ("The Associated Press", "AFP", "رويترز")."""
    return _by_key().get(_key(name)) or _by_key().get(_key(name).removeprefix("the "))


def agencies_in(text: str) -> list[str]:
    """Canonical names of all agencies that a short credit names, in order, each once."""
    whole = agency_of(text)
    if whole:
        return [whole]
    plain = _one_letter_each(text)
    if _first_words().isdisjoint(_WORDS.findall(plain.casefold())):
        return []  # almost always: the large expression costs twenty times this look
    found: dict[str, None] = {}
    for match in _anywhere().finditer(plain):
        if not _is_plain_word(match[0]) and not _OTHER_AGENCIES.search(plain, 0, match.start()):
            found[_by_key()[_key(match[0])]] = None
    return list(found)


def named_agency(name: str) -> str | None:
    """The same, and names that say of themselves that they are an agency ("Meridian News Agency", "港通信社")."""
    return agency_of(name) or self_named(name)


def credited_in(text: str) -> list[str]:
    """Every agency that a short credit names: those of the table first, then those that say that they are one."""
    known = agencies_in(text)
    return [*known, *(name for name in self_named_in(text) if not _known_part(name, known))]


def _known_part(name: str, known: list[str]) -> bool:
    """``Reuters News Agency`` is Reuters; ``AFP-Agentur`` and ``Agence AFP`` are AFP."""
    return agency_of(name) is not None or any(found in known for found in agencies_in(name))


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    words = (
        _WORDS.findall(_one_letter_each(alias).casefold())
        for name, aliases in _NAMES.items()
        for alias in (name, *aliases)
    )
    return frozenset(found[0] for found in words if found)


def _is_plain_word(word: str) -> bool:
    """Initials in lower case are words ("ap", "efe" in running text), except dpa, which writes itself so."""
    return len(word) <= 4 and word.islower() and word.isascii() and word != "dpa"
