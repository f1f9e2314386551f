"""Forms about a firm's case: 销号确认表, 一企一案, compiled from its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.dossier import stage_words
from cases.firm import Firm, firm_of, prefilled
from cases.models import Case, Evidence, FormRecord
from cases.rulebook import questions_of
from cases.sheet import Sheet, load, local_day
from cases.views import case_parts, form_fields
from cases.views.criteria import paper_name
from cases.views.timeline import timeline
from organisations.days import day_of
from reports.documents.content import Cell, Column, Content, Grid, Preview, Section, Table, unlinked
from reports.documents.printed_forms import GAP
from reports.documents.setting import LANGUAGE, long_day
from workflows.text import localised
from workflows.wording import speaking

FOUR = (2.4, 4.4, 2.4, 4.6)
TWO = (2.4, 11.4)
MOST = 16  # characters of a cell that give its column breadth
GONE = (
    Evidence.State.REPLACED,
    Evidence.State.WITHDRAWN,
    Evidence.State.RETURNED,
    Evidence.State.NOT_NEEDED,
)


def label(text: str, lines: int = 1) -> Cell:
    return Cell(text=text, is_label=True, lines=lines)


def is_main(case: Case) -> bool:
    """A firm's own case, which ends with a closing."""
    return case.is_main


def closing_sheet(case: Case, on: date) -> Content:
    """销号确认表: conditions, papers, then room for firm, county, department and office to sign."""
    with speaking(LANGUAGE, case.programme.city_id):
        sheet, firm = load(case, on), firm_of(case, on)
        return Content(
            layout="form",
            masthead="",
            title=_("Closing sheet of a firm of the working ledger"),
            subtitle=(_("Case no. %(number)s") % {"number": case.number}, _closing_number(case)),
            sections=(
                Section(grid=Grid(shares=FOUR, rows=tuple(_firm_rows(sheet, firm)))),
                Section(
                    grid=Grid(shares=TWO, rows=((label(_("Conditions met")), _conditions(sheet)),))
                ),
                Section(table=_papers_table(sheet)),
                Section(grid=Grid(shares=TWO, rows=tuple(_opinions(sheet)))),
            ),
            figures=_closing_figures(sheet),
            words=(case.subject,),
            one_page=True,
            skips=("check", "number", "seal"),
        )


def _closing_figures(sheet: Sheet) -> dict[str, str]:
    """What an opinion on the closing may name."""
    case = sheet.case
    reached = _said(sheet, "reached_on")
    return {
        _("firm of the closing"): case.subject,
        _("number of the closing"): case.closing_number,
        _("day of the closing"): long_day(case.closed_on) if case.closed_on else "",
        _("day when the conditions were met"): long_day(date.fromisoformat(reached))
        if reached
        else "",
    }


def _closing_number(case: Case) -> str:
    number = case.closing_number
    return _("Closing no. %(number)s") % {"number": number} if number else _("Closing no.")


def _firm_rows(sheet: Sheet, firm: Firm | None) -> Iterator[tuple[Cell, ...]]:
    case = sheet.case
    known = prefilled(case, firm)
    place = " ".join(filter(None, [str(case.county), known.get("township", "")]))
    reached = _said(sheet, "reached_on")
    yield _pair(
        pgettext("paper", "Firm"), case.subject, _("Credit code"), known.get("credit_code", "")
    )
    yield _pair(_("County, township"), place, _("Industry"), known.get("industry", ""))
    yield _pair(
        _("Competent department"),
        str(case.competent_unit),
        _("Responsible unit"),
        str(case.responsible_unit),
    )
    yield _pair(
        pgettext("of a case", "Class"),
        case_parts.grade_words(sheet),
        _("Conditions met on"),
        long_day(date.fromisoformat(reached)) if reached else "",
    )


def _pair(first: str, one: str, second: str, other: str) -> tuple[Cell, ...]:
    return label(first), Cell(text=one), label(second), Cell(text=other)


def _said(sheet: Sheet, key: str) -> str:
    """The newest answer of the case's forms to a question."""
    records = [r for r in sheet.records if r.case_id == sheet.case.pk and r.data.get(key)]
    newest = max(records, key=lambda record: record.pk, default=None)
    return str(newest.data[key]) if newest else ""


def _conditions(sheet: Sheet) -> Cell:
    """Each criterion with a box that accepted papers have ticked."""
    rule = sheet.rules.procedure.criteria_for(sheet.case.criterion or None)
    lacking, labels = set(sheet.lacking), labels_of(sheet)
    named = rule.named() if rule else ()
    words = [f"{'☐' if key in lacking else '☑'}{labels.get(key, key)}" for key in named]
    return Cell(text="　".join(words))


def labels_of(sheet: Sheet) -> dict[str, str]:
    return {have.key: localised(have.label) for have in sheet.rules.pack.haves}


def _papers_table(sheet: Sheet) -> Table:
    titles = (
        (pgettext("annex", "No."), 0.9, "center"),
        (_("Condition"), 2.6, "center"),
        (pgettext("paper", "Paper"), 5.3, "left"),
        (_("Handed in on"), 2.7, "center"),
        (_("Accepted by, on"), 6.9, "left"),
    )
    labels = labels_of(sheet)
    papers = [paper for paper in reversed(sheet.papers) if paper.state not in GONE]
    rows = [
        (
            str(n),
            labels.get(paper.criterion, paper.criterion),
            paper_name(paper),
            _day(local_day(paper.submitted_at)),
            "\n".join(
                f"{words} {who or ''} {_day(local_day(when))}".rstrip()
                for words, who, when in paper.levels()
            ),
        )
        for n, paper in enumerate(papers, 1)
    ]
    return _table(titles, rows, pgettext("paper", "Papers"))


def _opinions(sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    """企业承诺 → 县级审核 → 归口部门 → 市专班确认; what the case says stands above the blanks."""
    signed = _("Signed: %(blank)s (seal) %(day)s") % {
        "blank": "　" * 6,
        "day": pgettext("blank date", "year  month  day"),
    }
    told = {
        "apply_for_closure": _("Applied for by %(who)s on %(day)s."),
        "advance": _("Reviewed by %(who)s on %(day)s."),
        "close": _("Confirmed by %(who)s on %(day)s."),
    }
    events = {verb: _event(sheet, verb, words) for verb, words in told.items()}
    reviewed = _reviewed(sheet, told["advance"])
    blocks = (
        (
            _("The firm declares"),
            _("The papers handed in are true, whole and lawful; we answer for them."),
        ),
        (
            _("Review by the county"),
            "".join(filter(None, [events["apply_for_closure"], reviewed])),
        ),
        (_("Opinion of the department"), ""),
        (_("Confirmation by the task force"), events["close"]),
    )
    for name, words in blocks:
        # all four stand on the first page as a rule; who is asked by some plans only has less room
        lines = 3 if words else 2
        text = unlinked(f"{words or GAP}\n{signed}")
        yield label(name, lines), Cell(text=text, lines=lines, is_free=True)


def _event(sheet: Sheet, verb: str, words: str) -> str:
    found = next((event for event in sheet.events if event.verb == verb), None)
    if found is None or (verb == "close" and not sheet.case.closed_on):
        return ""
    return words % {"who": found.by or "", "day": long_day(day_of(found.at))}


def _reviewed(sheet: Sheet, words: str) -> str:
    case = sheet.case
    if case.reviewed_by is None or case.reviewed_on is None:
        return ""
    return words % {"who": case.reviewed_by, "day": long_day(case.reviewed_on)}


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _table(
    titles: Sequence[tuple[str, float, str]], rows: Sequence[tuple[str, ...]], caption: str = ""
) -> Table:
    columns = tuple(
        Column.model_validate({"title": title, "share": share, "align": align})
        for title, share, align in titles
    )
    return Table(columns=columns, rows=tuple(rows), caption=caption)


# --- 一企一案 -------------------------------------------------------------------------------------
def case_file(case: Case, on: date) -> Content:
    """Facts, who answers, survey, remedies, matters, papers, history; pages of papers behind."""
    with speaking(LANGUAGE, case.programme.city_id):
        sheet, firm = load(case, on), firm_of(case, on)
        parts = [
            Section(heading=pgettext("paper", "The firm"), grid=_facts(sheet, firm)),
            Section(heading=_("Who answers for it"), grid=_who(sheet)),
            *_filled_in(sheet),
            *_remedies(sheet),
            *_branches(sheet),
            Section(
                heading=pgettext("paper", "Papers"),
                table=_papers_table(sheet).model_copy(update=NO_CAPTION),
            ),
            Section(heading=pgettext("paper", "What was done"), table=_history(sheet)),
        ]
        marks = pgettext("numbers of headings", "1. 2. 3. 4. 5. 6. 7. 8. 9. 10. 11. 12.").split()
        numbered, n = [], 0
        for part in parts:
            n += bool(part.heading)
            mark = marks[n - 1] if part.heading and n <= len(marks) else ""
            numbered.append(part.model_copy(update={"heading": f"{mark}{part.heading}"}))
        papers = [p for p in reversed(sheet.papers) if p.state not in GONE and p.file]
        return Content(
            layout="form",
            masthead="",
            title=_("Case file: %(firm)s") % {"firm": case.subject},
            subtitle=(
                _("Case no. %(number)s") % {"number": case.number},
                _("as of %(day)s") % {"day": long_day(on)},
            ),
            sections=tuple(numbered),
            previews=tuple(
                Preview(evidence=p.pk, sha256=p.sha256, caption=f"{n}. {paper_name(p)}")
                for n, p in enumerate(papers, 1)
            ),
            words=(case.subject,),
            skips=("check", "number", "seal"),
        )


NO_CAPTION = {"caption": ""}


def _facts(sheet: Sheet, firm: Firm | None) -> Grid:
    known = prefilled(sheet.case, firm)
    facts = [
        (pgettext("paper", "Firm"), sheet.case.subject),
        (_("Credit code"), known.get("credit_code", "")),
        (_("County"), str(sheet.case.county)),
        *((part["name"], str(part["value"])) for part in case_parts.firm_facts(sheet, firm)),
    ]
    return _two_by_two([(name, value) for name, value in facts if value])


def _who(sheet: Sheet) -> Grid:
    facts = [
        (str(part["name"]), " ".join(filter(None, [str(part["value"]), part.get("note", "")])))
        for part in case_parts.head_facts(sheet)
        if part.get("value")
    ]
    state = " ".join(filter(None, [stage_words(sheet.case), sheet.case.closing_number]))
    return _two_by_two([(_("State"), state), *facts])


def _two_by_two(facts: Sequence[tuple[str, str]]) -> Grid:
    rows = []
    for place in range(0, len(facts), 2):
        cells: list[Cell] = []
        for name, value in facts[place : place + 2]:
            cells += [label(name), Cell(text=value)]
        if len(cells) == 2:
            cells[1] = cells[1].model_copy(update={"span": 3})
        rows.append(tuple(cells))
    return Grid(shares=FOUR, rows=tuple(rows))


def _filled_in(sheet: Sheet) -> Iterator[Section]:
    """The case's own forms as they were handed in, the oldest first."""
    haves = labels_of(sheet)
    for record in sheet.records:
        if record.case_id != sheet.case.pk or record.is_draft:
            continue
        yield from _record_sections(sheet, record, haves)


def _record_sections(sheet: Sheet, record: FormRecord, haves: dict[str, str]) -> Iterator[Section]:
    _pack, form = questions_of(record, sheet.case)
    found = form_fields.answers(form, record.data, haves)
    rows = tuple(
        (label(part["name"]), Cell(text=str(part["value"]))) for part in found if "value" in part
    )
    title = _("%(form)s (%(day)s)") % {
        "form": localised(form.title),
        "day": _day(local_day(record.at)),
    }
    yield Section(heading=title, grid=Grid(shares=TWO, rows=rows) if rows else None)
    for part in found:
        if "table" in part:
            cells = [tuple(map(str, row)) for row in part["table"]["rows"]]
            heads = part["table"]["head"]
            longest = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
            titles = [
                (head, float(min(MOST, 2 + most)), "left")
                for head, most in zip(heads, longest, strict=True)
            ]
            yield Section(table=_table(titles, cells, part["name"]))


def _remedies(sheet: Sheet) -> Iterator[Section]:
    found = case_parts.remedies(sheet)
    if not found:
        return
    titles = (
        (pgettext("paper", "Gap"), 2.0, "center"),
        (_("Measure"), 5.0, "left"),
        (_("Answers for it"), 2.6, "left"),
        (pgettext("annex", "Deadline"), 2.2, "center"),
        (pgettext("paper", "Progress"), 4.0, "left"),
    )
    rows = [
        (
            str(one["name"]),
            str(one["measure"]),
            str(one["who"]),
            _day(one["due"]),
            str(one["progress"] or one["light"]["words"]),
        )
        for one in found
    ]
    yield Section(heading=_("Remedies"), table=_table(titles, rows))


def _branches(sheet: Sheet) -> Iterator[Section]:
    rows = []
    for child in sheet.children:
        case = child.case
        if case.criterion:
            continue
        kind = localised(sheet.rules.pack.procedure(case.procedure).title)
        unit = child.item.unit
        state = localised(sheet.rules.pack.procedure(case.procedure).stage(child.item.stage).title)
        ended = _("Settled") if case.is_finished else state
        rows.append((kind, case.title, str(unit.short_name or unit.name), ended))
    if rows:
        titles = (
            (pgettext("paper", "Kind"), 1.6, "center"),
            (pgettext("paper", "Matter"), 5.0, "left"),
            (pgettext("annex", "Unit"), 3.0, "left"),
            (_("State"), 2.0, "center"),
        )
        yield Section(heading=_("Issues and needs"), table=_table(titles, rows))


def _history(sheet: Sheet) -> Table:
    titles = (
        (pgettext("paper", "Date"), 2.0, "center"),
        (pgettext("paper", "What was done"), 11.0, "left"),
    )
    rows = [(_day(local_day(line["at"])), _told(line)) for line in reversed(timeline(sheet))]
    return _table(titles, rows)


def _told(line: dict[str, Any]) -> str:
    said = f" {line['said']}" if line["said"] else ""
    return f"{line['words']}{said}"
