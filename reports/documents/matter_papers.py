"""Papers about a matter: 督办单, 月报, 提案答复; compiled from its forms."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.agenda import ORDERS, PROPOSALS, area_of
from cases.annex import annex_of
from cases.models import Case, CaseUnit, FormRecord, OrderOrigin
from cases.rulebook import questions_of, rules_of
from cases.sheet import local_day
from cases.views.drafts import parts_of
from cases.views.form_fields import shown
from organisations.scope import Actor
from reports.documents.content import (
    Annex,
    Cell,
    Column,
    Content,
    CopyList,
    Grid,
    Section,
    Table,
    unlinked,
)
from reports.documents.firm_papers import label
from reports.documents.letters import list_of
from reports.documents.lexicon import ABOUT, FIRST, MANY
from reports.documents.setting import LANGUAGE, long_day
from reports.indicators import Row, indicators
from workflows.form_fields import Form
from workflows.pack_model import Pack
from workflows.wording import speaking

FOUR = (2.2, 4.7, 2.2, 4.7)
CLOSING = 6  # characters of a letter's last sentence (专此函告)
# columns of the list on an upright page: number, firm, step, what lacks, deadline, days late, unit
UPRIGHT = (0, 1, 3, 4, 5, 6, 7)
# the questions of a report's form, and how its paper calls the answers
REPORT = ("progress", "problems", "next_step", "highlights")


# --- 督办单 -----------------------------------------------------------------------------------
def is_order(case: Case) -> bool:
    rules = rules_of(case)
    return area_of(rules.pack, rules.procedure) == ORDERS


def order_form(case: Case, on: date) -> Content:
    """One page: what is asked of whom by when, then room for instruction, report and opinions."""
    with speaking(LANGUAGE, case.programme.city_id):
        pack, answers = rules_of(case).pack, _answers(case)
        parts = list(case.parts.select_related("unit"))
        helping = (CaseUnit.Part.HELPING, CaseUnit.Part.JOINT)
        due = case.given_due or _due(case)
        rows = (
            (label(pgettext("paper", "Matter")), _wide(case.title)),
            _pair(
                pgettext("paper", "Source"),
                answers.get("source"),
                pgettext("paper", "Basis"),
                answers.get("basis"),
            ),
            _pair(
                _("Responsible unit"),
                str(case.responsible_unit),
                _("Helping units"),
                _names(p.unit.short_name or p.unit.name for p in parts if p.part in helping),
            ),
            _pair(
                _("Given on"),
                long_day(case.opened_on),
                # of a letter: the handling itself has a later day, in its text
                _("Reply due by") if _of_letter(case) else _("To be done by"),
                long_day(due) if due else "",
            ),
            (label(_("What is asked"), 4), _free(asked_of(answers.get("asked", "")), 4)),
            (label(_("Leader's instruction"), 3), _free(_instruction(case), 3)),
            (label(_("Report of the unit"), 6), _free(_report(answers), 6)),
            (label(_("Opinion of the reviewer"), 3), _free("", 3)),
            (label(_("Opinion on the closing"), 3), _free(_closed(case), 3)),
        )
        firms = tuple(_firms_of(case, on))
        many = sum(len(one.table.rows) for one in firms if one.table)
        return Content(
            layout="form",
            masthead="",
            figures=_order_figures(case, due, many),
            title=_("%(office)s supervision form") % {"office": pack.units.office.name},
            subtitle=(_("Case no. %(number)s") % {"number": case.number}, ""),
            sections=(Section(grid=Grid(shares=FOUR, rows=rows)), *firms),
            words=(pack.units.office.name,),
            one_page=True,
            series=_("supervision form"),
            skips=("check", "seal"),
        )


def asked_of(text: str) -> str:
    """Of an order that a letter opened, what the letter asks for: its numbered points, no head."""
    kinds = list(parts_of(text))
    if "to" not in {kind for kind, _line in kinds}:
        return text
    lines = [line for kind, line in kinds if kind == "text"]
    first = next((n for n, line in enumerate(lines) if FIRST.match(line)), 0)
    # its list and its contact are no point of it
    unasked = (pgettext("document", "Annex: "), "（", "(")
    said = [line for line in lines[first:] if not line.startswith(unasked) and len(line) > CLOSING]
    return "\n".join(said)


def _firms_of(case: Case, on: date) -> Iterator[Section]:
    """The list of the letter that opened the order: its own county's firms, on a page behind."""
    origin = OrderOrigin.objects.filter(case=case).select_related("letter__programme").first()
    if origin is None or origin.letter is None:
        return
    lines = annex_of(origin.letter, Actor.system(), on).lines
    if not lines:
        return
    found = list_of(_("List of overdue matters"), lines)
    whole = found.tables[0]
    table = Table(
        columns=tuple(whole.columns[n] for n in UPRIGHT),
        rows=tuple(tuple(row[n] for n in UPRIGHT) for row in whole.rows),
    )
    yield Section(heading=found.title, table=table, new_page=True)


def _of_letter(case: Case) -> bool:
    return OrderOrigin.objects.filter(case=case).exclude(letter=None).exists()


def _pair(first: str, one: str | None, second: str, other: str | None) -> tuple[Cell, ...]:
    return label(first), Cell(text=one or ""), label(second), Cell(text=other or "")


def _wide(text: str, lines: int = 1) -> Cell:
    return Cell(text=text, span=3, lines=lines)


def _free(text: str, lines: int) -> Cell:
    """The office may write it; a brace of the data names no figure."""
    return Cell(text=unlinked(text), span=3, lines=lines, is_free=True)


def _order_figures(case: Case, due: date | None, firms: int) -> dict[str, str]:
    """What the cells of an order may name."""
    return {
        _("matter of the order"): case.title,
        _("unit of the order"): str(case.responsible_unit),
        _("day of the order"): long_day(case.opened_on),
        _("deadline of the order"): long_day(due) if due else "",
        _("firms of the order"): str(firms),
    }


def _names(names: Iterable[str]) -> str:
    return pgettext("list of names", ", ").join(names)


def _due(case: Case) -> date | None:
    """Of the step at which it is handled: signing for it has a day of its own."""
    item = case.task_set.filter(finished=None).first()
    handled = item is not None and rules_of(case).procedure.stage(item.stage).form
    return item.due_on if item and handled else None


def _instruction(case: Case) -> str:
    origin = OrderOrigin.objects.filter(case=case).select_related("instruction__by").first()
    event = origin.instruction if origin else None
    if event is None:
        return ""
    return f"{event.reason}\n{event.by or ''} {long_day(local_day(event.at) or case.opened_on)}"


def _report(answers: dict[str, str]) -> str:
    return "\n".join(filter(None, [answers.get(key) for key in ("report", "problems")]))


def _closed(case: Case) -> str:
    return _("Closed on %(day)s.") % {"day": long_day(case.closed_on)} if case.closed_on else ""


def _records(case: Case) -> list[FormRecord]:
    return list(FormRecord.objects.filter(case=case, is_draft=False).order_by("id"))


def _answers(case: Case) -> dict[str, str]:
    """Every form of the case in words by the fields' keys, the newest answer last."""
    found = dict[str, str]()
    for record in _records(case):
        found |= _in_words(questions_of(record, case)[1], record.data)
    return found


def _in_words(form: Form, data: dict[str, Any]) -> dict[str, str]:
    plain = [f for f in form.fields if f.kind not in ("rows", "haves") and data.get(f.key)]
    return {field.key: shown(field, data[field.key]) for field in plain}


# --- 月报 -------------------------------------------------------------------------------------
def is_report(case: Case) -> bool:
    """A report of a county or of the city, as its form asks for progress and what comes next."""
    return _report_form(case) is not None


def _report_form(case: Case) -> Form | None:
    if case.enterprise_id is not None:
        return None
    rules = rules_of(case)
    for stage in rules.procedure.stages:
        form = rules.pack.form(stage.form) if stage.form else None
        if form is not None and {"progress", "next_step"} <= {one.key for one in form.fields}:
            return form
    return None


def monthly_report(case: Case, on: date) -> Content:
    """The form's answers under headings, the month's figures behind them."""
    with speaking(LANGUAGE, case.programme.city_id):
        rules, form = rules_of(case), _report_form(case)
        assert form is not None
        is_city = rules.procedure.closer == "office"
        month = case.period or (case.parent.period if case.parent else None) or case.opened_on
        newest = FormRecord.objects.filter(case=case, form=form.key).order_by("id").last()
        data = newest.data if newest else {}
        unit = rules.pack.units.office.name if is_city else case.responsible_unit.name
        return Content(
            layout="plain",
            masthead="",
            title=_("Report of %(place)s on full R&D coverage, %(month)s")
            % {"place": case.programme.city if is_city else case.county, "month": _month(month)},
            addressee=_upwards(rules.pack) if is_city else rules.pack.units.office.name,
            paragraphs=tuple(_report_text(form, data)),
            signer=unit,
            annexes=(_month_figures(case, month, on, is_city=is_city),),
            words=(unit, rules.pack.units.office.name),
            skips=("number",),
        )


def _month(day: date) -> str:
    return dateformat.format(day, pgettext("date format", "F Y"))


def _upwards(pack: Pack) -> str:
    leadership = pack.units.leadership
    return leadership.name if leadership else ""


def _report_text(form: Form, data: dict[str, Any]) -> Iterator[str]:
    headings = {
        "progress": _("Progress of the work"),
        "problems": _("Problems"),
        "next_step": _("Next steps"),
        "highlights": _("Good practice"),
    }
    marks = iter(pgettext("numbers of headings", "1. 2. 3. 4. 5. 6. 7. 8. 9. 10. 11. 12.").split())
    for key in REPORT:
        text = str(data.get(key) or "").strip()
        if text:
            yield f"{next(marks)}{headings[key]}"
            yield from (unlinked(line.strip()) for line in text.splitlines() if line.strip())


def _month_figures(case: Case, month: date, on: date, *, is_city: bool) -> Annex:
    """As of the end of its month, or of the day while that runs: the county's own row, or all."""
    pack = rules_of(case).pack
    last = month.replace(day=monthrange(month.year, month.month)[1])
    on = min(on, last)
    found = indicators(case.programme, on, pack)
    rows = [*found.counties, found.city] if is_city else [
        row for row in found.counties if row.county_id == case.county_id
    ]  # fmt: skip
    titles = [
        (pgettext("ranking", "County"), 2.0),
        (pgettext("ranking", "On the register"), 1.2),
        (pgettext("ranking", "Filed"), 1.2),
        (pgettext("ranking", "Filing rate %"), 1.2),
        (pgettext("ranking", "Covered"), 1.2),
        (pgettext("ranking", "Coverage %"), 1.2),
        (pgettext("ranking", "All four"), 1.2),
        (pgettext("ranking", "Four Haves rate %"), 1.4),
    ]
    note = _("Note: as of the end of %(day)s.")
    return Annex(
        title=_("Figures of %(month)s") % {"month": _month(month)},
        tables=(
            Table(
                columns=tuple(Column(title=title, share=share) for title, share in titles),
                rows=tuple(_figures(row) for row in rows),
            ),
        ),
        notes=(note % {"day": long_day(on)},),
    )


def _figures(row: Row) -> tuple[str, ...]:
    rates = (row.filing_rate, row.coverage_rate, row.four_haves_rate)
    filing, coverage, all_four = ("—" if rate is None else f"{rate}" for rate in rates)
    return (
        row.name,
        str(row.listed),
        str(row.filed),
        filing,
        str(row.with_rd),
        coverage,
        str(row.four_haves),
        all_four,
    )


# --- 提案答复 ----------------------------------------------------------------------------------
def is_proposal(case: Case) -> bool:
    rules = rules_of(case)
    return area_of(rules.pack, rules.procedure) == PROPOSALS


def proposal_reply(case: Case, on: date) -> Content:
    """关于对…提案的答复: to its proposers, from the unit that answers for all (002-01 … 002-03)."""
    with speaking(LANGUAGE, case.programme.city_id):
        said = {key: value for record in _records(case) for key, value in record.data.items()}
        unit = case.responsible_unit.name
        motion = said.get("kind") == "motion"
        kind = _("motion") if motion else _("proposal")
        body = _("the city's congress") if motion else _("the city's CPPCC")
        number = str(said.get("number") or case.number).removesuffix(kind).removeprefix(body)
        proposers = str(said.get("proposers") or "")
        you = _("you all") if MANY.search(proposers) else pgettext("of a reply", "you")
        values = {"body": body, "number": number, "kind": kind, "you": you}
        matter = case.title.strip("《》“”")
        book = pgettext("name of a document", "“%(title)s”")
        named = book if matter.startswith(ABOUT) else _("%(kind)s on “%(title)s”")
        values["matter"] = named % {"title": matter, "kind": kind}
        joint = case.parts.filter(part=CaseUnit.Part.JOINT).select_related("unit")
        names = _names(part.unit.short_name or part.unit.name for part in joint)
        together = _("After studying it together with %(units)s, we answer:") % {"units": names}
        opening = _("The %(matter)s that %(you)s brought in has been received. ") % values
        text = [line.strip() for line in str(said.get("text") or "").splitlines() if line.strip()]
        # whose own text begins so says it once
        if text and _("we answer") in text[0]:
            opening += text.pop(0)
        else:
            opening += together if names else _("We answer:")
        return Content(
            layout="letter",
            masthead=unit,
            title=_("Reply to %(kind)s %(number)s of %(body)s") % values,
            addressee=_("%(names)s and members") % {"names": proposers} if proposers else "",
            paragraphs=(
                unlinked(opening),
                *map(unlinked, text),
                _("Thanks to %(you)s for the care for our work; please go on with it.") % values,
            ),
            signer=unit,
            note="\n".join(_contact(row) for row in said.get("contacts") or []),
            copies=_copies(said.get("copies") or []),
            words=(unit, body, number),
        )


def _contact(row: dict[str, Any]) -> str:
    said = {key: row.get(key) or "" for key in ("unit", "phone", "name")}
    # a line each: together they are longer than a line
    return "\n".join([_("Unit and telephone: %(unit)s %(phone)s"), _("Contact: %(name)s")]) % said


def _copies(rows: Sequence[dict[str, Any]]) -> tuple[CopyList, ...]:
    names = [
        _("%(unit)s (%(n)s copies)") % {"unit": row["to"], "n": row["number"]}
        if row.get("number")
        else str(row["to"])
        for row in rows
        if row.get("to")
    ]
    label_ = pgettext("copy block", "Copies")
    return (CopyList(label=label_, names=tuple(names)),) if names else ()
