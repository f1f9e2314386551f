"""Years later: what was signed is printed with the same words, whatever was set since."""

from __future__ import annotations

import io

import pdfplumber

from reports.documents import printing
from reports.documents.nouns import Document, HouseStyle
from reports.documents.render import our_fonts, render_pdf
from reports.documents.route import State
from reports.documents.setting import html_of
from reports.documents.styles import set_style
from tests.reports.offices import DAY, HANDLER, drafted, until
from tests.reports.papers import letter
from tests.world import SYSTEM, World, at
from workflows.issuing import issue_pack
from workflows.packs import shipped_text


def test_a_new_plan_and_a_new_head_change_no_signed_paper(world: World) -> None:
    world.firm("甲有限公司")
    made = until(world, drafted(world), State.ARCHIVED)

    def printed(document: Document) -> str:
        found = Document.objects.select_related("programme__city").get(pk=document.pk)
        content = printing.content_for(found, SYSTEM)
        return printing.page_of(content, found.number, printing.mark_of(found))

    before, later = printed(made), DAY.replace(year=DAY.year + 1)
    office = world.programme.current.pack.units.office
    text = shipped_text(world.programme.key).replace(office.name, f"{office.name}（新）")
    assert text != shipped_text(world.programme.key)
    issue_pack(text, by=SYSTEM, at=at(later))
    by = world.actor(HANDLER, later)
    set_style(
        world.city,
        Document.Kind.CIRCULAR,
        by=by,
        at=at(later),
        masthead="新版头",
        signer="新落款",
        series="新代字",
        text="新正文。",
    )
    assert HouseStyle.objects.get().masthead == "新版头"
    assert printed(made) == before
    assert "（新）" in drafted(world, later).said.masthead


def test_the_number_of_a_paper_without_a_head_stands_over_its_title() -> None:
    """A county's report that is numbered: nothing is printed over anything."""
    content = letter(rows=0, layout="plain", masthead="", copies=(), paragraphs=("请审阅。",))
    with pdfplumber.open(
        io.BytesIO(render_pdf(html_of(content, "涧科〔2026〕7号", our_fonts())))
    ) as book:
        chars = book.pages[0].chars
    number = max(char["bottom"] for char in chars if char["text"] == "涧")
    assert number < min(char["top"] for char in chars if round(char["size"]) == 22)
