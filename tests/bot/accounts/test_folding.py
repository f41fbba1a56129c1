"""Names folded for comparing: the same whatever the case, accents, script's form and invisible marks."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.accounts.folding import LONGEST, core_of, form_of, label_of, marks_of, romanised, words_of

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066"
LETTERS = st.characters(whitelist_categories=("Lu", "Ll"), max_codepoint=0x4FF)
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Ben & Jerry's, Inc.", "ben and jerrys inc"),
        ("O’Neill", "oneill"),
        ("O´Neill", "oneill"),
        ("A.C.M.E. s.r.o.", "acme sro"),
        ("Maersk A/S", "maersk as"),
        ("Müller-Lüdenscheidt AG", "muller ludenscheidt ag"),
        ("Ærøskøbing Straße", "aeroskobing strasse"),
        ("İstanbul Şişecam", "istanbul sisecam"),
        ("Ａｃｍｅ ﬁne", "acme fine"),
        ("Кофейня", "kofeynya"),
        ("Καφές", "kafes"),
        ("東京コーヒー株式会社", "dongjingkohi zhushihuishe"),
        ("(株)東京", "zhushihuishe dongjing"),
        ("삼성전자 주식회사", "samseongjeonja jusighoesa"),
        ("100% Juice_Bar", "100 juice bar"),
        ("!!", ""),
        ("\x00a\x01b", "ab"),
    ],
)
def test_words(name: str, words: str) -> None:
    assert " ".join(words_of(name)) == words


@pytest.mark.parametrize(
    ("name", "core", "form"),
    [
        ("Acme Oy", "acme", {"oy"}),
        ("Acme S.p.A.", "acme", {"spa"}),
        ("Bar GmbH & Co. KG", "bar", {"gmbh", "co", "kg"}),
        ("Foo sp. z o.o.", "foo", {"oo"}),
        ("ООО «Ромашка»", "romashka", {"ooo"}),
        ("株式会社東京", "dongjing", {"zhushihuishe"}),
        ("北京咖啡有限公司", "beijingkafei", {"youxiangongsi"}),
        ("The Coffee Company Ltd", "coffee", {"the", "company", "ltd"}),
        ("SAS Institute", "sas institute", set()),
        ("AB", "ab", set()),
        ("Oy Ab", "oy", {"ab"}),
        ("Sons and", "sons and", set()),
    ],
)
def test_the_legal_form_is_told_apart(name: str, core: str, form: set[str]) -> None:
    words = words_of(name)

    assert (" ".join(core_of(words)), form_of(words)) == (core, form)


def test_marks_name_what_has_no_words() -> None:
    assert marks_of("!!! +") == ("!", "+")
    assert marks_of("Acme") == ()


@pytest.mark.parametrize(
    ("domain", "label"),
    [("mail.acme-robotics.co.uk", "acme-robotics"), ("acme.com", "acme"), ("localhost", "localhost"), ("", "")],
)
def test_the_name_in_a_domain(domain: str, label: str) -> None:
    assert label_of(domain) == label


@given(ANYTHING)
@example("\ud800" * 10)
@example("😀" * 40_000)
def test_anything_becomes_plain_words(text: str) -> None:
    words = words_of(text)

    assert all(re.fullmatch("[a-z0-9]+", word) for word in words)
    assert len(" ".join(words)) <= 4 * LONGEST
    assert bool(core_of(words)) == bool(words)
    assert romanised(text).isascii()


@given(st.text(max_size=20))
def test_words_of_words_are_the_same(text: str) -> None:
    words = words_of(text)

    if len(" ".join(words)) <= LONGEST:
        assert words_of(" ".join(words)) == words


@given(st.text(max_size=60))
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))

    if len(decomposed) <= LONGEST:
        assert words_of(composed) == words_of(decomposed)


@given(st.text(LETTERS, max_size=40), st.sampled_from(INVISIBLE), st.integers(0, 40))
def test_what_nobody_sees_changes_nothing(text: str, invisible: str, place: int) -> None:
    assert words_of(text[:place] + invisible + text[place:]) == words_of(text)


@given(st.text("abcxyzäöüåéñčžабвгдежзийαβγδεζ ", max_size=40))
def test_case_changes_nothing(text: str) -> None:
    assert words_of(text.upper()) == words_of(text)
