"""The documents: each page for users is there in both languages and says the same, and every link leads somewhere."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
DEVELOPERS = {ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", DOCS / "architecture.md"}  # in English alone
ASIDE = {DOCS / "decisions", DOCS / "lessons" / "sources"}
AMOUNTS = (  # one number, as either language writes it
    ("133 million", "1억 3300만"),
    ("100 million", "1억"),
    ("60 million", "6천만"),
    ("15.3 and 19.6 billion", "153억과 196억"),
)


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def for_users(page: Path) -> bool:
    return page not in DEVELOPERS and not ASIDE & set(page.parents)


def korean(page: Path) -> Path:
    """Where the Korean twin of a page, or of a notebook, stands."""
    return page.with_name(f"{page.stem}.ko{page.suffix}")


PAGES = [page for page in documents() if for_users(page) and not page.name.endswith(".ko.md")]
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    """Fenced code, with what the fence says of it."""
    return re.findall(r"^```.*?^```$", text, re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)


def headings(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"^(#+) (.*)$", prose(page), re.MULTILINE)


def sections(page: Path) -> list[str]:
    """The text before the first heading, then that below each."""
    return re.split(r"^#+ .*$", prose(page), flags=re.MULTILINE)


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each table, row by row."""
    found = re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE)
    return [[re.split(r"(?<!\\)\|", row.strip("|")) for row in table.strip().split("\n")] for table in found]


def numbers(text: str) -> set[str]:
    """The numbers of a text, but not those in the names of files."""
    text = " ".join(re.sub(r"\]\([^)]*\)", " ", text).split())
    for english, translated in AMOUNTS:
        text = text.replace(translated, english)
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


def own(english: str) -> str:
    """An English text without what it quotes in Korean, in brackets."""
    return re.sub(r"\s?\([^()]*[가-힣][^()]*\)", "", english)


def commands(text: str) -> set[str]:
    return set(re.findall(r"`(striate [^`]*|--[^`]*)`", " ".join(text.split())))


def links(page: Path) -> list[str]:
    return re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", prose(page))


def target(page: Path, link: str) -> Path:
    place = link.partition("#")[0]
    return (page.parent / place).resolve() if place else page


def test_every_page_for_users_has_a_twin_in_korean_and_every_korean_page_a_twin_in_english() -> None:
    assert len(PAGES) > 20
    assert [page for page in PAGES if not korean(page).exists()] == []
    twins = {korean(page) for page in PAGES}
    assert [page for page in documents() if page.name.endswith(".ko.md") and page not in twins] == []


@pages
def test_a_page_and_its_twin_link_each_other_before_the_first_section(page: Path) -> None:
    for one, other in ((page, korean(page)), (korean(page), page)):
        head = text_of(one).partition("\n## ")[0]
        assert f"]({other.name})" in head


@pages
def test_both_languages_have_the_same_headings_and_code(page: Path) -> None:
    assert [level for level, _ in headings(page)] == [level for level, _ in headings(korean(page))]
    assert blocks(text_of(page)) == blocks(text_of(korean(page)))


@pages
def test_both_languages_name_the_same_numbers_and_commands_in_each_section(page: Path) -> None:
    for english, translated in zip(sections(page), sections(korean(page)), strict=True):
        assert numbers(own(english)) == numbers(translated), english.strip()[:60]
        assert commands(english) <= commands(translated), english.strip()[:60]


@pages
def test_both_languages_have_the_same_tables_with_the_same_figures(page: Path) -> None:
    for english, translated in zip(tables(prose(page)), tables(prose(korean(page))), strict=True):
        assert [len(row) for row in english] == [len(row) for row in translated], english[0]
        for row, other in zip(english, translated, strict=True):
            assert numbers(own(" | ".join(row))) == numbers(" | ".join(other)), row


@pages
def test_both_languages_have_the_same_links_each_to_its_own(page: Path) -> None:
    twin = korean(page)
    places = [target(page, link) for link in links(page)]
    expected = Counter(korean(place) if korean(place).exists() else place for place in places)
    expected[page] += 1  # the link back
    expected[twin] -= 1
    assert +expected == Counter(target(twin, link) for link in links(twin))


def anchors(page: Path) -> set[str]:
    """The names that headings get as anchors: small letters and hyphens, numbered where one is met again."""
    found: list[str] = []
    for _, title in headings(page):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", r"\1", title).strip().lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.append(f"{name}-{found.count(name)}" if name in found else name)
    return set(found)


@pytest.mark.parametrize("page", documents(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading(page: Path) -> None:
    for link in links(page):
        place, anchor = target(page, link), link.partition("#")[2]
        assert place.exists(), link
        if anchor:
            assert anchor in anchors(place), link


def test_the_readme_leads_to_every_page_in_its_own_language() -> None:
    for language in (lambda page: page, korean):
        met, new = set(), {language(ROOT / "README.md")}
        while new:
            met |= new
            new = {target(page, link) for page in new if page.suffix == ".md" for link in links(page)} - met
            new = {place for place in new if place in {language(page) for page in PAGES}}
        assert {language(page) for page in PAGES} == met
