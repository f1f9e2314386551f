"""The shipped packs of the five papers: each line has its source, each can be drawn."""

import pytest
from django.utils.translation import override

from tests.rules.test_luoyang import uncited, without_own_mark
from workflows.draw import draw
from workflows.packs import Pack, parse_pack, shipped_text

# the paper of each pack, and what its root asks for
PACKS = {
    "luoyang-2022": ("001", "all"),
    "jincheng-2020": ("004", "any"),
    "sanmenxia-2022": ("002", "all"),
    "henan-2023": ("000", "all"),
    "puyang-2019": ("003", "all"),
}


@pytest.fixture(params=PACKS)
def pack(request: pytest.FixtureRequest) -> Pack:
    return parse_pack(shipped_text(request.param), request.param)


@pytest.mark.parametrize("key", PACKS)
def test_every_line_says_where_it_comes_from(key: str) -> None:
    text = shipped_text(key)
    assert uncited(text) == []
    assert text.count(f"# {PACKS[key][0]}-") >= 20


@pytest.mark.parametrize("key", [*PACKS, "demo"])
def test_who_until_when_and_reminded_how_says_itself_whose_it_is(key: str) -> None:
    """No limit, owner or ladder passes for a paper's by standing below a line that cites one."""
    text = shipped_text(key)
    assert (uncited(text), without_own_mark(text)) == ([], [])


def test_the_root_asks_for_what_its_paper_asks(pack: Pack) -> None:
    """004-25 any of three against 001-26 and 000-11 all four."""
    assert pack.root.closes_when is not None
    assert pack.root.closes_when.kind == PACKS[pack.key][1]


def test_every_procedure_is_drawn_in_both_languages(pack: Pack) -> None:
    for key, procedure in pack.procedures.items():
        with override("zh-hans"):
            assert procedure.title.zh in draw(pack, key)
        with override("en"):
            assert draw(pack, key).count("<svg") == 1


def test_every_text_is_there_in_both_languages(pack: Pack) -> None:
    titles = [pack.title, *(p.title for p in pack.procedures.values())]
    titles += [m.title for m in pack.plan] + [g.title for g in pack.goals]
    titles += [f.label for form in pack.forms.values() for f, _siblings in form.walk()]
    assert [text.zh for text in titles if not text.en] == []


def test_a_province_calls_its_parts_by_their_names() -> None:
    """In Henan's plan the parts are cities, and the office is the department's."""
    # but for the list of what the interface is to say instead
    lines = shipped_text("henan-2023").partition("\nwording:")[0].splitlines()
    text = "\n".join(line.partition(" # ")[0] for line in lines)
    assert [word for word in ("县区", "市专班", "市直", "全市") if word in text] == []


def test_every_plan_holds_the_kinds_of_case_that_its_paper_knows(pack: Pack) -> None:
    kinds = set(pack.procedures)
    assert {"issue", "need", "measure", "supervision", "monthly_report", "meeting"} <= kinds
    own = {
        "luoyang-2022": {"completion", "consolidation", "remedy"},
        "jincheng-2020": {"unit_plan", "unit_summary", "unit_report", "policy"},
        "sanmenxia-2022": {"proposal", "joint_opinion", "policy", "inspection", "year_end"},
        "henan-2023": {"bulletin", "bulletin_item", "relay", "coaching", "policy"},
        "puyang-2019": {"reserve", "special", "year_report", "consolidation", "policy"},
    }
    assert own[pack.key] <= kinds
