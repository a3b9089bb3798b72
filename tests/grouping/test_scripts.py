"""Scripts: re-encodings and house spellings of one text keep their similarity; light edits in any script are found."""

import random
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.text import scripts
from pipeline.text.words import read_words, shingles, words_hash

# Invented sentences' raw material: common words of each language, shuffled by the tests.
WORDS = {
    "arabic": "أعلنت الحكومة في العاصمة يوم الثلاثاء إغلاق الميناء بعد جنوح سفينة إلى آخر القناة وقال مسؤول إن العمل مستمر على مدى أسبوع",
    "persian": "دولت روز سه شنبه اعلام کرد که بندر پس از به گل نشستن یک کشتی بسته می‌شود و کارشناسان گفتند کار یک هفته ادامه می‌یابد",
    "urdu": "حکومت نے منگل کو کہا کہ بندرگاہ ایک جہاز کے پھنسنے کے بعد بند رہے گی اور کام ایک ہفتے تک جاری رہے گا ماہرین",
    "sorani": "حکومەتی هەرێم ڕۆژی سێشەممە ڕایگەیاند کە بەندەرەکە دوای ئەوەی کەشتییەک لە کەناڵەکە گیری خوارد دادەخرێت و کارەکە هەفتەیەک دەخایەنێت",
    "cyrillic": "правительство объявило во вторник что порт закрыт после того как судно село на мель ещё неделю идёт работа пойдёт всё позже",
    "latin": "le gouvernement a annoncé mardi que le port était fermé après l’échouement d’un cargo façade Erdoğan Łódź où naïve garçon",
    "greek": "η κυβέρνηση ανακοίνωσε την Τρίτη ότι το λιμάνι έκλεισε μετά την προσάραξη ενός πλοίου και οι εργασίες θα διαρκέσουν",
    "han": "政府周二宣布由于一艘货轮在航道入口搁浅港口暂时关闭专家表示清理工作将持续一个星期交通受到影响",
    "kana": "政府は火曜日に貨物船が水路の入り口で座礁したため港を閉鎖すると発表した専門家は作業が一週間続くと述べた",
    "thai": "รัฐบาลประกาศเมื่อวันอังคารว่าท่าเรือปิดหลังจากเรือสินค้าเกยตื้นผู้เชี่ยวชาญกล่าวว่างานจะดำเนินต่อไปหนึ่งสัปดาห์",
    "hangul": "정부는 화요일 화물선이 수로 입구에서 좌초한 뒤 항구를 폐쇄한다고 발표했다 전문가들은 작업이 일주일 동안 계속될 것이라고 말했다",
}
UNSPACED = {"han", "kana", "thai"}


def text_of(script, seed, length=220):
    rng = random.Random(f"{script} {seed}")
    pool = list(WORDS[script]) if script in UNSPACED else WORDS[script].split()
    pieces = [rng.choice(pool) for _ in range(length)]
    if script in UNSPACED:
        for at in range(15, length, 17):
            pieces[at] = "。" if script != "thai" else " "
        return "".join(pieces)
    return " ".join(pieces)


def jaccard(a, b):
    first, second = (set((shingles(read_words(t)) & np.uint64((1 << 63) - 1)).tolist()) for t in (a, b))
    return len(first & second) / len(first | second)


def arabic_letters(text):
    return text.translate(str.maketrans("کی", "كي"))


def kurdish_heh(text):
    return text.replace("ە", "ه\u200c")


def tatweel(text):
    return "".join(c + "ـ" if i % 7 == 3 and "\u0620" < c < "\u064a" else c for i, c in enumerate(text))


def harakat(text):
    return "".join(c + "\u064e" if i % 5 == 2 and "\u0620" < c < "\u064a" else c for i, c in enumerate(text))


def no_joiners(text):
    return text.replace("\u200c", "")


def presentation_forms(text):
    return text.replace("لا", "\ufefb").replace("ب", "\ufe8f")


def no_hamza(text):
    return text.translate(str.maketrans("أإآؤئ", "اااوي"))


def fullwidth(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def decomposed(text):
    return unicodedata.normalize("NFD", text)


def unaccented(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def punctuated(text):
    return " ".join(w + "،" if i % 6 == 0 else w for i, w in enumerate(text.split()))


SAME = [
    (script, change)
    for script, changes in {
        "arabic": (arabic_letters, tatweel, harakat, presentation_forms, no_hamza, decomposed, punctuated),
        "persian": (arabic_letters, tatweel, no_joiners, punctuated),
        "urdu": (arabic_letters, harakat, punctuated),
        "sorani": (arabic_letters, kurdish_heh, tatweel, lambda t: kurdish_heh(tatweel(t)), lambda t: tatweel(kurdish_heh(t)), punctuated),
        "cyrillic": (lambda t: t.replace("ё", "е"), str.upper, decomposed),
        "latin": (unaccented, str.upper, decomposed, lambda t: t.replace("’", "'"), lambda t: t.replace("ł", "l").replace("Ł", "L")),
        "greek": (unaccented, decomposed, str.upper),
        "han": (lambda t: t.replace("。", "．"), decomposed),
        "kana": (decomposed,),
        "thai": (decomposed,),
        "hangul": (decomposed,),
    }.items()
    for change in changes
]  # fmt: skip


@pytest.mark.parametrize(("script", "change"), SAME)
@given(seed=st.integers(0, 10_000))
@example(seed=0)
def test_a_re_encoding_has_the_same_words(script, change, seed):
    text = text_of(script, seed, 60)
    assert words_hash(read_words(change(text))) == words_hash(read_words(text))


@pytest.mark.parametrize("script", sorted(WORDS))
def test_two_texts_of_one_script_are_not_alike(script):
    assert jaccard(text_of(script, 1), text_of(script, 2)) < 0.02


@pytest.mark.parametrize("script", sorted(WORDS))
def test_a_light_edit_keeps_a_text_similar(script):
    text = text_of(script, 1, 300)
    cut = len(text) // 3
    edited = text[:cut] + text_of(script, 2, 4) + text[cut + 6 :]
    assert jaccard(text, edited) > 0.85


@pytest.mark.parametrize(
    ("native", "script"),
    [
        ("٠١٢٣٤٥٦٧٨٩", "arabic"),
        ("۰۱۲۳۴۵۶۷۸۹", "persian"),
        ("०१२३४५६७८९", "devanagari"),
        ("０１２３４５６７８９", "full width"),
    ],
)
def test_digits_of_every_script_are_the_same_numbers(native, script):
    assert read_words(f"x {native} y").numbers == ("0123456789",), script
    assert words_hash(read_words(f"x {native} y")) == words_hash(read_words("x 0123456789 y"))


def test_mixed_scripts_in_one_text_are_each_cut_their_own_way():
    words = read_words("The port 港口关闭了 was closed on Tuesday ท่าเรือ by order")
    assert int(words.units.sum()) == 5 + 7
    assert shingles(words).size == words.hashes.size - 3, "the last unit starts a shingle of four"


def test_apostrophes_vanish_and_hyphens_separate():
    assert words_hash(read_words("don't don’t")) == words_hash(read_words("dont dont"))
    assert read_words("twenty-one").hashes.size == 2


def test_a_word_hashes_alike_wherever_it_stands():
    one, two = read_words("harbour"), read_words("a much longer beginning, and then the harbour")
    assert two.hashes[-1] == one.hashes[0]


@given(st.text(alphabet=st.characters(max_codepoint=0x2FFF, exclude_categories=("Cs",)), max_size=200))
def test_any_text_can_be_read(text):
    words = read_words(text)
    assert words.hashes.size == words.units.size == words.lines.size == words.quoted.size
    assert len(words.numbers) == words.number_at.size
    assert shingles(words).size <= words.hashes.size


@given(st.text(alphabet=st.sampled_from("aB3 '\"’“”—…\n.,-é\u00a0x"), max_size=80))
def test_the_short_cut_for_western_texts_changes_nothing(text):
    quick = read_words(text.replace("é", "e"))
    slow_code, slow_kind = scripts._folded_by_table(scripts.compatible(text))
    kept = slow_code[slow_kind != scripts.SEPARATOR].tolist()
    code, kind = scripts.folded(text.replace("é", "e"))
    assert code[kind != scripts.SEPARATOR].tolist() == kept
    assert quick.hashes.tolist() == read_words(text).hashes.tolist()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said "we will go" today', "we will go"),
        ("He said “we will go” today", "we will go"),
        ("Er sagte „wir gehen“ heute", "wir gehen"),
        ("Il dit « nous irons » demain", "nous irons"),
        ("他说「我们走」了", "我们走"),
        ('One "missing mark goes on\nto the end of its line', "missing mark goes on"),
        ('"First paragraph\n"second paragraph" end', "First paragraph second paragraph"),
        ("It's the ships' crew", ""),
        ('5" pipes and 6" pipes', ""),
    ],
)  # fmt: skip
def test_quotations_are_found(text, quoted):
    words = read_words(text)
    assert sorted(words.hashes[words.quoted].tolist()) == sorted(read_words(quoted).hashes.tolist())
