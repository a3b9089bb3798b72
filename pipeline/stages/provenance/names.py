"""Whose name is it: organisations as pages write them, brought to one key.

``AP``, ``The Associated Press`` and ``أسوشيتد برس`` are one agency; ``ARA News`` is the publisher behind ``aranews.net``. The
table holds the agencies whose copy other newsrooms print; a publisher needs no table, its own name and domain are enough.
"""

from functools import cache

import numpy as np

from pipeline.text.scripts import SEPARATOR, folded

_AGENCIES: tuple[tuple[str, str], ...] = (
    (
        "Associated Press",
        "ap|the associated press|associated press|ap news|apnews|أسوشيتد برس|اسوشيتد برس|أسوشيتدبرس|美联社",
    ),
    ("Reuters", "reuters|thomson reuters|reuters news agency|رويترز|ڕۆیتەرز|رۆیتەرز|рейтер|路透社|ロイター"),
    (
        "Agence France-Presse",
        "afp|agence france presse|agence france-presse|فرانس برس|وكالة فرانس برس|فرانس پرێس|法新社",
    ),
    ("dpa", "dpa|deutsche presse agentur|deutsche presse-agentur|د ب أ|德新社"),
    ("EFE", "efe|agencia efe|efe-epa|إفي"),
    ("ANSA", "ansa|agenzia ansa"),
    ("Press Association", "pa media|press association|the press association|pa news agency"),
    ("Press Trust of India", "pti|press trust of india"),
    ("Asian News International", "ani|asian news international"),
    ("Indo-Asian News Service", "ians|indo asian news service|indo-asian news service"),
    ("United Press International", "upi|united press international"),
    ("Xinhua", "xinhua|xinhuanet|xinhua news agency|新华社|新华网|新華社|شينخوا"),
    ("Kyodo News", "kyodo|kyodo news|共同通信|共同通信社"),
    ("Jiji Press", "jiji|jiji press|時事通信|時事通信社"),
    ("Yonhap", "yonhap|yonhap news agency|연합뉴스"),
    ("TASS", "tass|itar-tass|itar tass|тасс|تاس"),
    ("Interfax", "interfax|интерфакс"),
    ("RIA Novosti", "ria novosti|ria|риа новости"),
    ("Ukrinform", "ukrinform|укрінформ|укринформ"),
    ("Anadolu Agency", "aa|anadolu|anadolu agency|anadolu ajansı|anadolu ajansi|الأناضول|وكالة الأناضول|ئەنادۆڵ"),
    ("Demirören News Agency", "dha|demirören haber ajansı|demiroren news agency"),
    ("İhlas News Agency", "iha|ihlas haber ajansı|ihlas news agency"),
    ("Mezopotamya Agency", "mezopotamya ajansı|mezopotamya agency"),
    ("ANHA", "anha|hawar news agency|hawar news|ئەنها|هاوار"),
    ("IRNA", "irna|islamic republic news agency|ایرنا|إرنا"),
    ("ISNA", "isna|iranian students news agency|ایسنا"),
    ("Fars News Agency", "fars|fars news|fars news agency|فارس|خبرگزاری فارس"),
    ("Tasnim", "tasnim|tasnim news agency|تسنیم|تسنيم"),
    ("Iraqi News Agency", "ina|iraqi news agency|واع|وكالة الأنباء العراقية"),
    ("SANA", "sana|syrian arab news agency|سانا"),
    ("Saudi Press Agency", "spa|saudi press agency|واس"),
    ("WAM", "wam|emirates news agency|وام"),
    ("Petra", "petra|jordan news agency|بترا"),
    ("MENA", "middle east news agency|أ ش أ"),
    ("The Canadian Press", "the canadian press|canadian press|la presse canadienne"),
    ("Australian Associated Press", "australian associated press|aap newswire"),
    ("APA", "apa|austria presse agentur|austria presse-agentur"),
    ("Keystone-SDA", "keystone-sda|keystone sda|sda|ats"),
    ("ANP", "anp|algemeen nederlands persbureau"),
    ("Belga", "belga|agence belga"),
    ("PAP", "pap|polska agencja prasowa"),
    ("CTK", "ctk|čtk|ceska tiskova kancelar"),
    ("NTB", "ntb|norsk telegrambyra|norsk telegrambyrå"),
    ("TT", "tt|tidningarnas telegrambyra|tidningarnas telegrambyrå"),
    ("Ritzau", "ritzau"),
    ("Lusa", "lusa|agencia lusa|agência lusa"),
    ("Agência Brasil", "agencia brasil|agência brasil"),
    ("Inter Press Service", "ips|inter press service"),
    ("Bloomberg", "bloomberg|bloomberg news"),
    ("PR Newswire", "pr newswire|prnewswire|cision"),
    ("Business Wire", "business wire|businesswire"),
    ("GlobeNewswire", "globenewswire|globe newswire"),
    ("The Conversation", "the conversation"),
    ("CNN", "cnn|cnn wire|the cnn wire"),
)
_UNNAMED = (
    "agencies|agency|news agencies|news agency|wire services|wire service|wires|wire reports|staff and agencies|"
    "agencies and staff|our correspondents|agencias|agenturen|agences|agenzie|ajanslar|haber ajansları|агентства|"
    "وكالات|الوكالات|وكالات الأنباء|خبرگزاری ها|خبرگزاریها|ئاژانسەکان|ئاژانسەکانی هەواڵ|通讯社|综合"
)
_GENERIC = (
    "the news tv television online english arabic kurdish media network channel agency newspaper website site com net org "
    "وكالة قناة شبكة موقع صحيفة ئاژانسی ئاژانس کەناڵی ماڵپەڕی تۆڕی خبرگزاری شبکه"
)
_TAILS = ("television", "network", "english", "agency", "online", "media", "news", "tv")
"""What a domain label hangs behind a name (``aranews``, ``nrttv``)."""


def squeezed(text: str) -> str:
    """Folded as texts are before they are compared (case, accents, letter variants), words parted by one space."""
    code, kind = folded(text)
    plain = np.where(kind == SEPARATOR, ord(" "), code).astype("<u4").tobytes().decode("utf-32-le", "replace")
    return " ".join(plain.split())


@cache
def _aliases() -> dict[str, str]:
    return {squeezed(alias): name for name, aliases in _AGENCIES for alias in aliases.split("|")}


@cache
def _unnamed() -> frozenset[str]:
    return frozenset(squeezed(name) for name in _UNNAMED.split("|"))


@cache
def _generic() -> frozenset[str]:
    return frozenset(squeezed(word) for word in _GENERIC.split())


def agency(name: str) -> str | None:
    """The usual name of the news agency that ``name`` means, None where it is not one that we know."""
    plain = squeezed(name)
    return _aliases().get(plain) or _aliases().get(_core(plain))


def unnamed(name: str) -> bool:
    """True for ``agencies``, ``wire services`` and the like: somebody else, who is not said."""
    return squeezed(name) in _unnamed()


def organisation(name: str) -> str:
    """The key under which all spellings of one organisation meet; empty for an empty name."""
    known = agency(name)
    return squeezed(known).replace(" ", "") if known else _core(squeezed(name)).replace(" ", "")


def _core(plain: str) -> str:
    """Without the words that say only what kind of house it is, as long as something is left."""
    words = [word for word in plain.split() if word not in _generic()]
    return " ".join(words) or plain


def site_keys(name: str | None, domain: str) -> frozenset[str]:
    """Every key under which others may name the publisher ``name`` at ``domain``."""
    label = domain.split(":", maxsplit=1)[0].removeprefix("www.").split(".")[0]
    keys = {organisation(name) if name else "", organisation(label), organisation(domain.removeprefix("www."))}
    keys.add(organisation(_without_tail(squeezed(label).replace(" ", ""))))
    return frozenset(key for key in keys if key)


def _without_tail(label: str) -> str:
    for tail in _TAILS:
        if label.endswith(tail) and len(label) > len(tail) + 1:
            return label[: -len(tail)]
    return label
