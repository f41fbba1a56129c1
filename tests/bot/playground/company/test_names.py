import random

from bot.playground.company.names import Names, domain, email


def test_names_do_not_repeat_even_when_the_words_run_out() -> None:
    names, rng = Names({"Acme Corp"}), random.Random(1)
    drawn = [names.company(rng) for _ in range(6_000)]

    assert len({name.lower() for name in drawn}) == 6_000


def test_domains_come_from_latin_letters_or_a_number() -> None:
    assert domain("Acme Corp", 7) == "acme.example"
    assert domain("Quill & Sparrow", 7) == "quill-sparrow.example"
    assert domain("한빛소프트 주식회사", 7) == "account-7.example"
    assert len(domain("Long " + "name " * 60, 7)) <= 48
    assert email("Ada Ito", "acme.example") == "ada.ito@acme.example"
