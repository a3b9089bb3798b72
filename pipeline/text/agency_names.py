"""Names that say of themselves that they are a news agency, in the languages of the press: no table knows them all (pure).

``Meridian News Agency``, ``Agence de presse Meridian``, ``وكالة ميريديان للأنباء``, ``ئاژانسی هەواڵی زاگرۆس``, ``港通信社``.
A name is the whole of a short field, or of one of its parts: "told Meridian News Agency" is a sentence and none. What other
agencies call themselves (space, tax, protection) is told from it by the word for news, or, where the form has none, by a list.
"""

import re
from functools import lru_cache

from pipeline.text.months import fold

LONGEST = 60

# A form that says "news" itself …
_BEFORE = (
    "agence de presse", "agence d'information", "agence d'informations", "agencia de noticias", "agencia de prensa",
    "agencia de imprensa", "agenzia di stampa", "agenzia giornalistica", "agenzia di notizie", "nachrichtenagentur",
    "nachrichten-agentur", "presseagentur", "presse-agentur", "persbureau", "nieuwsagentschap", "nyhetsbyrån",
    "nyhedsbureauet", "agencja prasowa", "agencja informacyjna", "tisková agentura", "tlačová agentúra",
    "novinska agencija", "agenția de presă", "agenția de știri", "informacinė agentūra", "информационное агентство",
    "информагентство", "агентство новостей", "агентство печати", "інформаційне агентство", "інформагентство",
    "агенция", "новинска агенција", "ειδησεογραφικό πρακτορείο", "πρακτορείο ειδήσεων", "وكالة أنباء", "وكالة الأنباء",
    "خبرگزاری", "ئاژانسی هەواڵی", "ئاژانسی هەواڵەکانی", "ئاژانسی نووچەی", "ajansa nûçeyan a", "ajansa nûçeyan",
    "ajansa nûçeyên", "haber ajansı", "kantor berita", "thông tấn xã", "hãng thông tấn", "סוכנות הידיעות",
    "סוכנות החדשות", "خبر رساں ایجنسی", "खबर एजेंसी", "समाचार एजेंसी",
)  # fmt: skip
_BEHIND = (
    "news agency", "press agency", "news service", "newswire", "news wire", "wire service", "telegraph agency",
    "telegraphic agency", "news features service", "nachrichtenagentur", "nachrichten-agentur", "presseagentur",
    "presse-agentur", "presse agentur", "pressedienst", "haber ajansı", "persbureau", "persdienst", "nyhetsbyrå",
    "nyhetsbyrån", "telegrambyrå", "telegrambyrån", "nyhedsbureau", "tietotoimisto", "uutistoimisto", "hírügynökség",
    "távirati iroda", "tisková agentura", "tisková kancelář", "tlačová agentúra", "novinska agencija",
    "agencja prasowa", "agencja informacyjna", "agencia de noticias", "agencia de prensa", "agência de notícias",
    "agence de presse", "agenzia di stampa", "информационное агентство", "информагентство", "агентство новостей",
    "телеграфное агентство", "інформаційне агентство", "інформагентство", "πρακτορείο ειδήσεων", "agenția de presă",
    "समाचार एजेंसी", "نیوز ایجنسی", "خبر رساں ایجنسی", "haberler ajansı",
)  # fmt: skip
# … and one that says only "agency": there the rest must be a bare name, and none of what other agencies are for.
_BARE_BEFORE = (
    "agence", "agencia", "agência", "agenzia", "agencja", "agenția", "агентство", "агенство", "агенція", "агентурата",
    "ئاژانسی", "ajansa", "πρακτορείο",
)  # fmt: skip
_BARE_BEHIND = ("ajansı", "агентство", "агенція", "agentura", "agentúra")
_OTHER_PURPOSES = (
    "spatial", "espac", "spazi", "kosmi", "косм", "uzay", "aerospa", "tribut", "tresor", "entrat", "fiscal", "bio", "nucl",
    "atom", "энерг", "energ", "enerj", "medio", "ambient", "environ", "nation", "nacion", "nazion", "narod", "национал",
    "национальн", "region", "федерал", "federal", "estat", "государ", "держав", "kalkinma", "desarrol", "develop", "desenvol",
    "svilup", "развит", "sante", "salud", "salut", "saude", "ilac", "medic", "medec", "inteligenc", "haval", "secur", "segur",
    "sicur", "guvenlik", "immobil", "inmobil", "недвиж", "reklam", "publici", "pubbli", "реклам", "viaj", "voyag", "viagg",
    "turi", "тур", "modelo", "model", "emplo", "empleo", "lavor", "istihdam", "europ", "europe", "европ", "avrupa",
    "internat", "intern", "uluslar", "mondial", "mundial", "central", "centrale", "metropol", "local", "transport", "ferrov",
    "strateg", "стратег", "protec", "proteg", "digit", "cyber", "water", "agua", "eau", "acqua", "هەواڵگری", "بۆشایی",
    "وزە", "ئاسایش", "نێودەوڵەتی", "فەزا",
)  # fmt: skip
_SMALL = (
    "of the and for de del della delle di du des la le les el los do da dos das van het der die und für y e et a an"
)
_ANY = (
    "our your their his her its my a an this that one another any every some no state official local new unsere eine die une "
    "notre una uno la nostra um uma nuestra"
)
_PARTICLES, _NO_NAMES = frozenset(_SMALL.split()), frozenset(_ANY.split())
_ARABIC = re.compile(r"وکاله (?P<own>.{2,40}?) (?:للانباء|الاخباریه|للاعلام|للاخبار|للصحافه|نیوز|برس)")
_HAN = re.compile(r"(?P<own>[\u3040-\u30ff\u3400-\u9fffA-Za-z]{1,10})(?:通信社|通訊社|通讯社|电讯社|電訊社)")
_THAI = re.compile(r"(?:สำนักข่าว|สํานักข่าว)(?P<own>[\u0e00-\u0e7f\w]{2,20})")
_HANGUL = re.compile(r"(?P<own>[\uac00-\ud7a3]{2,6})\s?(?:통신사?|뉴스통신)")
_NOT_HANGUL = re.compile(r"이동|정보|방송|위성|데이터|무선|유선|전기|초고속")
_HINT = re.compile(
    r"ag[eê]n[ctzț]|agent[uú]r|newswire|news wire|news service|wire service|pressedienst|ajans|persbureau|persdienst|"
    r"agentschap|byr[aå]|nyhedsbureau|toimisto|ugynokseg|ügynökség|iroda|kancel|агент|агенц|πρακτορ|وكال|وکال|خبرگزار|ئاژانس|"
    r"kantor berita|th[oô]ng t[aấ]n|สำนัก|สํานัก|סוכנות|ایجنسی|एजेंसी|通信社|通訊社|通讯社|电讯社|電訊社|통신",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:by|from|von|par|por|da|di|av|af|door|od|от|від|oleh|the|courtesy of|text|texte|tekst|بقلم|از|作者|文)"
    r"(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"\s*[(（\[]\s*(?P<initials>[^()（）\[\]]{2,10})\s*[)）\]]$")
_DATE_BEHIND = re.compile(r"\s+(?:[^\W\d_]{3,10}\.?\s+)?\d[\d\w:.,/ -]*$")
_PARTS = re.compile(
    r"\s*(?:[|;,،、·•\n]|\s/\s|\s[–—-]{1,2}\s|\s(?:and|und|et|y|e|ve|och|og|en|и|та|و|with|mit|avec|con|com|for|für|via)\s)\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[|;:：,،、·•\n]|(?:\S+\s+){8}")
"""What no name holds: it is a line of several."""
_EDGE = " \t.,:;*-–—|/"
_QUOTES = "“”\"'«»„「」『』‘’"


@lru_cache(maxsize=1)
def _forms() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What says "news agency", and what says only "agency"; both over folded text, the longest form first."""
    return _either(_BEFORE, _BEHIND), _either(_BARE_BEFORE, _BARE_BEHIND)


def _either(before: tuple[str, ...], behind: tuple[str, ...]) -> re.Pattern[str]:
    heads, tails = (
        "|".join(re.escape(fold(form)) for form in sorted(forms, key=len, reverse=True)) for forms in (before, behind)
    )
    return re.compile(rf"(?:{heads})\s+(?P<own>\S.*)|(?P<own_before>\S.*?)[\s-]+(?:{tails})")


@lru_cache(maxsize=4096)
def self_named(text: str) -> str | None:
    """The agency's name, if that is all that ``text`` is: without "By", "The", and initials in brackets behind it."""
    if len(text) > LONGEST + 30 or not _HINT.search(text):
        return None
    bare = _INITIALS.sub("", text.strip(_EDGE))
    while (shorter := _LEAD.sub("", bare).strip(_EDGE)) != bare:
        bare = shorter
    for name in (bare, _DATE_BEHIND.sub("", bare)):
        if 2 < len(name) <= LONGEST and not _BETWEEN.search(name) and _says_so(name):
            return " ".join(name.split())
    return None


def self_named_in(text: str) -> list[str]:
    """Every such name among the parts of a short credit: ``By Jane Doe | Meridian News Agency (MNA)``."""
    if not _HINT.search(text):
        return []
    names = (self_named(part) for part in (text, *_PARTS.split(text)) if part)
    return list(dict.fromkeys(name for name in names if name))[:6]


def _says_so(name: str) -> bool:
    if _HAN.fullmatch(name) or _THAI.fullmatch(name):
        return True
    if _HANGUL.fullmatch(name):
        return not _NOT_HANGUL.search(name)
    plain = fold(name)
    if _ARABIC.fullmatch(plain):
        return True
    sure, bare = (form.fullmatch(plain) for form in _forms())
    if not (sure or bare) or not _written_as_name(name):
        return False
    return bool(sure) or _is_bare_name(bare["own"] or bare["own_before"] or "" if bare else "")


def _written_as_name(name: str) -> bool:
    """Where letters have cases, the first word and all longer ones but the generic begin with a capital."""
    words = [bare for word in re.split(r"[\s-]+", name) if (bare := word.strip(_EDGE + _QUOTES))[:1].isalpha()]
    if not words or words[0].casefold() in _NO_NAMES:
        return False
    generic = _generic_words()
    own = [word for word in words if fold(word) not in generic and word.casefold() not in _PARTICLES]
    return bool(own) and all(not word[0].islower() for word in own) and any(len(word) > 1 for word in own)


@lru_cache(maxsize=1)
def _generic_words() -> frozenset[str]:
    forms = (*_BEFORE, *_BEHIND, *_BARE_BEFORE, *_BARE_BEHIND)
    return frozenset(word for form in forms for word in re.split(r"[\s-]+", fold(form)))


def _is_bare_name(own: str) -> bool:
    words = own.split()
    if not 1 <= len(words) <= 3 or any(word in _PARTICLES for word in words):
        return False
    return not any(word.startswith(_purposes()) for word in words)


@lru_cache(maxsize=1)
def _purposes() -> tuple[str, ...]:
    return tuple(fold(stem) for stem in _OTHER_PURPOSES)


def core_of(name: str) -> str:
    """What is left of a name without the words that every agency has, folded and without spaces: ``meridian``."""
    words = [
        word for word in re.split(r"[\s-]+", fold(name)) if word not in _generic_words() and word not in _PARTICLES
    ]
    return "".join(words)


def is_short_for(short: str, name: str) -> bool:
    """Whether ``short`` stands for ``name``: its initials (``MNA``, ``KNA``), or its own word (``Meridian``)."""
    key = fold(short).replace(".", "").strip()
    words = [word for word in re.split(r"[\s-]+", fold(name)) if word]
    telling = [word for word in words if word not in _PARTICLES]
    initials = {"".join(word[0] for word in some) for some in (words, telling, telling[1:]) if len(some) > 1}
    return key in initials or (len(key) > 3 and key == core_of(name))
