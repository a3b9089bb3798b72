"""Which language a text is in: by its script where that decides, by py3langid else, checked against what was declared."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_TAG = re.compile(r"^([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_.@].*)?$")
_RENAMED = {"iw": "he", "in": "id", "ji": "yi", "jp": "ja", "cn": "zh", "gr": "el", "cz": "cs", "kr": "ko", "ua": "uk"}
_NAMES = {
    "english": "en", "deutsch": "de", "german": "de", "french": "fr", "spanish": "es", "arabic": "ar", "turkish": "tr",
    "russian": "ru", "chinese": "zh", "japanese": "ja", "korean": "ko", "persian": "fa", "kurdish": "ku",
}  # fmt: skip
# One language (almost) owns the script: counting letters is surer than a model, and a hundred times cheaper.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7a3\u1100-\u11ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("lo", re.compile(r"[\u0e80-\u0eff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("te", re.compile(r"[\u0c00-\u0c7f]")),
    ("ml", re.compile(r"[\u0d00-\u0d7f]")),
    ("kn", re.compile(r"[\u0c80-\u0cff]")),
    ("gu", re.compile(r"[\u0a80-\u0aff]")),
    ("pa", re.compile(r"[\u0a00-\u0a7f]")),
    ("si", re.compile(r"[\u0d80-\u0dff]")),
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ARABIC_SCRIPT = re.compile(r"[\u0600-\u06ff]")
_SORANI = re.compile(r"[\u06ce\u06c6\u06b5\u0695\u06d5]")  # ێ ۆ ڵ ڕ ە
_URDU = re.compile(r"[\u0679\u0688\u0691\u06d2\u06ba]")  # ٹ ڈ ڑ ے ں
_PASHTO = re.compile(r"[\u067c\u0689\u0693\u0696\u069a\u06bc]")
_UYGHUR = re.compile(r"[\u06d0\u06c8\u06cb]")  # ې ۈ ۋ
_PERSIAN = re.compile(r"[\u067e\u0686\u0698\u06af\u06a9\u06cc]")  # پ چ ژ گ ک ی
_KURDISH_LATIN = re.compile(
    r"\b(?:û|ku|ji|bi|li|di|ev|jî|xwe|hat|kir|bû|wek|dike|dibe|gelê|yên|yê|ya)\b", re.IGNORECASE
)
# Words that one language uses all the time and its neighbours do not: where a text confirms its own declaration by them,
# the model (0.7 ms) need not be asked. On 102 pages both said the same.
_FUNCTION_WORDS = {
    "en": frozenset(
        ["the", "of", "and", "to", "that", "was", "is", "for", "said", "with", "on", "by", "he", "have", "from"]
    ),
    "de": frozenset(
        [
            "der",
            "die",
            "das",
            "und",
            "ist",
            "nicht",
            "mit",
            "den",
            "von",
            "zu",
            "auf",
            "für",
            "ein",
            "eine",
            "dass",
            "sich",
        ]
    ),
    "fr": frozenset(
        ["le", "les", "des", "et", "est", "une", "du", "dans", "que", "pour", "pas", "sur", "au", "qui", "avec"]
    ),
    "es": frozenset(["el", "los", "las", "y", "del", "una", "con", "por", "su", "es", "lo", "más", "fue", "según"]),
    "pt": frozenset(
        ["o", "os", "do", "da", "dos", "das", "não", "um", "uma", "em", "ao", "foi", "são", "pelo", "também"]
    ),
    "it": frozenset(
        ["il", "di", "che", "della", "del", "è", "gli", "per", "nel", "alla", "sono", "delle", "anche", "dal"]
    ),
    "nl": frozenset(["de", "het", "een", "van", "en", "niet", "dat", "zijn", "op", "voor", "met", "te", "aan", "ook"]),
    "tr": frozenset(["ve", "bir", "bu", "için", "ile", "da", "de", "olarak", "olan", "daha", "çok", "kadar", "gibi"]),
    "pl": frozenset(["w", "na", "się", "nie", "że", "jest", "do", "z", "przez", "oraz", "jak", "po", "dla", "jego"]),
    "ru": frozenset(["в", "и", "на", "не", "что", "с", "по", "из", "за", "как", "от", "это", "его", "для"]),
    "uk": frozenset(["в", "і", "на", "не", "що", "з", "та", "до", "за", "як", "від", "це", "його", "для"]),
    "sv": frozenset(["och", "att", "det", "som", "en", "är", "av", "för", "på", "med", "inte", "den", "har"]),
    "id": frozenset(["yang", "dan", "di", "dengan", "ini", "itu", "untuk", "tidak", "dari", "pada", "dalam", "akan"]),
}
_CONFIRMING = 0.15
_DISTINCT = 5
_LETTER = re.compile(r"[^\W\d_]")

_SAMPLE = 1000
_MIN_LETTERS = 80
"""Below this a model guesses; the declaration is kept."""


def normalise_tag(tag: str | None) -> str | None:
    """``en_US.UTF-8`` → ``en-US``, ``iw`` → ``he``; None for what is no language tag (BCP 47, language-script-region)."""
    if not tag:
        return None
    text = tag.split(",")[0].strip()
    text = _NAMES.get(text.lower(), text)
    match = _TAG.match(text)
    if not match or match[1].lower() in ("und", "mul", "zxx", "xx"):
        return None
    language, script, region = match.groups()
    language = _RENAMED.get(language.lower(), language.lower())
    return "-".join(filter(None, (language, script and script.title(), region and region.upper())))


def detect(text: str) -> str | None:
    """The language of a text (ISO 639), or None where there is too little to tell."""
    sample = text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters == 0:
        return None
    by_script = _by_script(sample, letters)
    if by_script or letters < _MIN_LETTERS:
        return by_script
    return _by_model(sample)


def decide(text: str, declared: tuple[str | None, ...]) -> tuple[str | None, str]:
    """The language to store and why: the first declaration that the text confirms, else what the text shows.

    ``declared``: tags in order of trust. A declaration keeps its region and script (``pt-BR``) where it is confirmed.
    """
    tags = [tag for tag in map(normalise_tag, declared) if tag]
    if tags and _confirmed_by_words(text, tags[0]):
        return tags[0], "declared and confirmed"
    found = detect(text)
    if found is None:
        return (tags[0], "declared; too little text to check") if tags else (None, "nothing declared, too little text")
    for tag in tags:
        if _same(tag, found):
            return tag, "declared and confirmed"
    return found, f"detected; declared was {tags[0]}" if tags else "detected; nothing declared"


def _confirmed_by_words(text: str, tag: str) -> bool:
    function_words = _FUNCTION_WORDS.get(tag.partition("-")[0])
    if not function_words:
        return False
    words = text[:_SAMPLE].casefold().split()
    seen = [word for word in words if word in function_words]
    return len(seen) >= _CONFIRMING * len(words) and len(set(seen)) >= _DISTINCT


def _same(tag: str, found: str) -> bool:
    language = tag.split("-", maxsplit=1)[0]
    twins = (
        {"ku", "ckb", "kmr"},
        {"no", "nb", "nn"},
        {"sr", "hr", "bs", "sh", "cnr"},
        {"id", "ms"},
        {"fa", "prs", "pes"},
    )
    if language == found:
        return True
    if {language, found} == {"ku", "ckb"}:
        return False  # Sorani pages often say "ku": the script shows more
    return any(language in twin and found in twin for twin in twins)


def _by_script(sample: str, letters: int) -> str | None:
    if sample.isascii():
        return None
    for language, letter in _SCRIPTS:
        share = len(letter.findall(sample)) / letters
        if share > (0.1 if language == "ja" else 0.4):
            return language
    if len(_HAN.findall(sample)) / letters > 0.4:
        return "zh"
    if len(_ARABIC_SCRIPT.findall(sample)) / letters > 0.5:
        return _arabic_script(sample, letters)
    return None


def _arabic_script(sample: str, letters: int) -> str | None:
    """Letters that only one of the languages writes; measured share in running text: ە and ێ ~ 18 % in Sorani."""
    for language, letter, share in (
        ("ug", _UYGHUR, 0.03), ("ckb", _SORANI, 0.05), ("ps", _PASHTO, 0.01), ("ur", _URDU, 0.02), ("fa", _PERSIAN, 0.03),
    ):  # fmt: skip
        if len(letter.findall(sample)) / letters > share:
            return language
    return "ar"


def _by_model(sample: str) -> str:
    # py3langid has not seen enough Kurmanji in news: its function words and û, ê, î decide.
    if len(_KURDISH_LATIN.findall(sample)) > len(sample.split()) * 0.12 and re.search("[êîû]", sample):
        return "ku"
    return str(_identifier().classify(sample)[0])


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """The model (loaded once; the fork server preloads it)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
