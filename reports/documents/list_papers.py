"""Papers about a whole programme: 需求清单, 简报; the 汇总统计表: ``summary_papers``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import Case, FormRecord
from cases.rulebook import pack_of, questions_of
from cases.sheet import local_day
from cases.views.form_fields import shown
from reports.documents.circular_counties import risen
from reports.documents.circular_facts import Facts
from reports.documents.circulars import figures_of, placed_facts, zone_words
from reports.documents.content import (
    ITEM,
    Column,
    Content,
    Section,
    Table,
    unlinked,
)
from reports.documents.copies import of_the_city
from reports.documents.setting import LANGUAGE, long_day
from reports.documents.summary_papers import SHEET
from workflows.models import Programme
from workflows.text import localised
from workflows.wording import speaking

NEED = "need"
TITLE = 24  # characters that a report's first sentence may have as the title of an item


# --- 需求清单 ----------------------------------------------------------------------------------
def needs_list(programme: Programme, on: date) -> Content:
    """Needs that were opened as matters, and those that surveys name (001-13, 001-23)."""
    with speaking(LANGUAGE, programme.city_id):
        rows = [*_matters(programme), *_surveyed(programme)]
        titles = (
            (pgettext("annex", "No."), 1.0, "center"),
            (pgettext("ranking", "County"), 1.8, "center"),
            (pgettext("paper", "Firm"), 5.0, "left"),
            (pgettext("paper", "Kind"), 1.6, "center"),
            (pgettext("paper", "Need"), 7.2, "left"),
            (pgettext("annex", "Unit"), 3.7, "left"),
            (pgettext("annex", "Deadline"), 2.4, "center"),
            (_("State"), 2.2, "center"),
        )
        columns = tuple(
            Column.model_validate({"title": title, "share": share, "align": align})
            for title, share, align in titles
        )
        numbered = tuple((str(n), *row) for n, row in enumerate(rows, 1))
        office = programme.current.pack.units.office.name
        return Content(
            layout="form",
            masthead="",
            title=_("List of the firms' needs"),
            subtitle=(
                _("Unit: %(unit)s") % {"unit": office},
                _("as of %(day)s") % {"day": long_day(on)},
            ),
            sections=(Section(table=Table(columns=columns, rows=numbered)),),
            is_wide=True,
            skips=SHEET,
        )


def _matters(programme: Programme) -> Iterator[tuple[str, ...]]:
    cases = Case.objects.filter(programme=programme, procedure=NEED).with_item()
    related = cases.as_rows().select_related("responsible_unit").order_by("county_id", "pk")
    rows = list(related)
    records = FormRecord.objects.filter(case__in=rows, is_draft=False).order_by("-id")
    said = {record.case_id: record for record in records}
    for case in rows:
        pack, record = pack_of(case.pack_version_id), said.get(case.pk)
        item = getattr(case, "item", None)
        procedure = pack.procedure(case.procedure)
        stage = None if case.is_finished else procedure.stage(case.stage)
        detail = str(record.data.get("detail") or "") if record else ""
        unit = case.responsible_unit
        yield (
            case.county.name,
            case.enterprise.name if case.enterprise else "",
            _kind(case, record),
            _(": ").join(filter(None, [case.title, detail])),
            str(unit.short_name or unit.name),
            item.due_on.isoformat() if item and item.due_on else "",
            localised(stage.state_label) if stage else _("Settled"),
        )


def _kind(case: Case, record: FormRecord | None) -> str:
    if record is None or not record.data.get("kind"):
        return ""
    field = questions_of(record, case)[1].field("kind")
    return shown(field, record.data["kind"])


def _surveyed(programme: Programme) -> Iterator[tuple[str, ...]]:
    """Rows ``needs`` of surveys; what became a matter of its own stands above already."""
    records = FormRecord.objects.filter(
        case__programme=programme, case__is_main=True, is_draft=False
    ).select_related("case__enterprise", "case__county", "case__responsible_unit")
    for record in records.order_by("case__county_id", "case_id", "id"):
        case, rows = record.case, record.data.get("needs")
        if not isinstance(rows, list) or not rows:
            continue
        columns = {c.key: c for c in questions_of(record, case)[1].field("needs").columns}
        for row in rows:
            unit = case.responsible_unit
            kind = columns.get("kind")
            yield (
                case.county.name,
                case.enterprise.name if case.enterprise else "",
                shown(kind, row.get("kind")) if kind else "",
                str(row.get("detail") or ""),
                str(unit.short_name or unit.name),
                "",
                _("From the survey"),
            )


# --- 简报 -------------------------------------------------------------------------------------
def bulletin(programme: Programme, as_of: date, today: date) -> Content:
    """An issue: the city's progress, then the counties' items, each with a title (000-03)."""
    with speaking(LANGUAGE, programme.city_id):
        pack = programme.current.pack
        month = dateformat.format(as_of, pgettext("date format", "F"))
        office = pack.units.office.name
        # of a frozen month what was frozen, as its circular says it
        facts = placed_facts(programme, as_of, today)
        figures = figures_of(facts, facts.today)
        return Content(
            layout="bulletin",
            masthead=_("Work bulletin"),
            title=_("Work bulletin of %(month)s") % {"month": month},
            paragraphs=(*_city(facts, figures, month), *_items(programme, as_of, today)),
            figures=dict(figures.values()),
            is_sealed=False,
            issuer=office,
            copies=of_the_city(),
            words=(office, *(county.name for county in pack.counties)),
            skips=("seal",),
        )


def _city(facts: Facts, figures: Mapping[str, tuple[str, str]], month: str) -> Iterator[str]:
    """The whole city and its ledger, then the zones, each under a title of its own."""
    links = {key: "{" + name + "}" for key, (name, _value) in figures.items()}
    yield ITEM + _("How far the whole city was in %(month)s") % {"month": month}
    words = _(
        "As of the end of %(as_of)s the city has %(listed)s firms above scale; %(filed)s have "
        "filed, %(filing)s%%, %(filing_change)s on last month. R&D coverage is %(coverage)s%%, "
        "%(coverage_change)s on last month, of the Four Haves %(four_haves)s%%. In the working "
        "ledger %(closed)s firms are closed and %(open)s are open."
    )
    yield words % links
    zones = [
        zone_words(name, lines)
        for name, lines in facts.zones
        if any(line.gap is not None for line in lines)
    ]
    if zones:
        yield ITEM + _("How far the counties are")
        yield from zones
    if rose := risen(facts):
        yield rose


def _items(programme: Programme, as_of: date, today: date) -> Iterator[str]:
    """Items that counties sent in, else the highlights of their month's reports, by county."""
    first = as_of.replace(day=1)
    records = FormRecord.objects.filter(
        case__programme=programme, is_draft=False, at__date__gte=first
    )
    sent = records.exclude(case__stage="withdrawn").select_related("case__county", "case__parent")
    newest = {
        record.case_id: record for record in sent.order_by("id") if _is_item(record, first, today)
    }
    order = {county.name: n for n, county in enumerate(programme.current.pack.counties)}
    found = sorted(newest.values(), key=lambda r: (order.get(r.case.county.name, 99), r.pk))
    for record in found:
        title, text = _item(record)
        yield ITEM + unlinked(title)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        source = _("(%(county)s)") % {"county": record.case.county.name}
        yield from (unlinked(line) for line in lines[:-1])
        yield unlinked(lines[-1]) + source


def _is_item(record: FormRecord, first: date, today: date) -> bool:
    data, case = record.data, record.case
    day = local_day(record.at)
    if (
        day is None
        or day > today
        or not str(data.get("text") or data.get("highlights") or "").strip()
    ):
        return False
    about = case.period or (case.parent.period if case.parent else None)
    is_ours = {"title", "text"} <= set(data) or "highlights" in data
    return is_ours and not case.is_main and (about is None or about.replace(day=1) == first)


def _item(record: FormRecord) -> tuple[str, str]:
    data = record.data
    if data.get("text"):
        return str(data.get("title") or record.case.title), str(data["text"]).strip()
    text = str(data["highlights"]).strip()
    head, stop, rest = text.partition(pgettext("end of a sentence", "."))
    if stop and rest.strip() and len(head) <= TITLE:
        return f"{record.case.county.name}{_(': ')}{head}", rest.strip()
    return _("Good practice of %(county)s") % {"county": record.case.county.name}, text
