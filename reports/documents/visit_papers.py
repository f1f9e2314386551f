"""走访记录表 (004-17): one visit as an office files it, with room for both sides to sign."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import visit_answers
from cases.models import Visit
from enterprises.models import Membership
from organisations.days import day_of
from reports.documents.content import Cell, Content, Grid, Section, unlinked
from reports.documents.firm_papers import label
from reports.documents.printed_forms import SHARES, form_sections
from reports.documents.setting import LANGUAGE
from workflows.text import localised
from workflows.wording import speaking


def visit_sheet(visit: Visit) -> Content:
    """``visit``: with firm, unit and person. The answers in the words of the version that asked."""
    with speaking(LANGUAGE, visit.city_id):
        form = visit_answers.form_that_asked(visit)
        firm = visit.enterprise.name
        return Content(
            layout="form",
            masthead="",
            title=localised(form.title),
            subtitle=(unlinked(firm), _("No. %(n)s") % {"n": visit.pk}),
            sections=(
                Section(grid=_firm_grid(visit, visit.visited_on)),
                *form_sections(form, visit_answers.held_by(visit), {}, {}),
                Section(grid=_written_grid(visit)),
                Section(grid=_signatures()),
            ),
            words=(unlinked(firm),),
            skips=("check", "number", "seal"),
        )


def _firm_grid(visit: Visit, on: date) -> Grid:
    firm = visit.enterprise
    rows = Membership.objects.on(on).filter(city_id=visit.city_id, enterprise=firm)
    row = rows.select_related("county", "township").first()
    place = [str(row.county), str(row.township or "")] if row is not None else []
    industry = f"{row.industry_code} {row.industry_name}".strip() if row is not None else ""
    told = (
        (pgettext("paper", "Firm"), firm.name, _("Credit code"), firm.credit_code or ""),
        (_("County, township"), " ".join(filter(None, place)), _("Industry"), industry),
    )
    return Grid(
        shares=SHARES,
        rows=tuple(
            (label(one), Cell(text=unlinked(first)), label(two), Cell(text=unlinked(second)))
            for one, first, two, second in told
        ),
    )


def _written_grid(visit: Visit) -> Grid:
    """What it served, its pictures, and who put it on record when."""
    served = visit.cases.select_related("programme").order_by("pk")
    cases = "；".join(f"{case.programme} {case.number}" for case in served)
    unit = visit.unit.name if visit.unit else ""
    written = " ".join(filter(None, (unit, str(visit.by or ""), day_of(visit.at).isoformat())))
    photos = visit.photos.count()
    rows = [
        (label(pgettext("a visit", "Serves")), Cell(text=unlinked(cases) or "—", span=3)),
        (
            label(pgettext("paper", "Photos")),
            Cell(text=_("%(n)d, kept in the system") % {"n": photos} if photos else "—"),
            label(_("Put on record")),
            Cell(text=unlinked(written)),
        ),
    ]
    return Grid(shares=SHARES, rows=tuple(rows))


def _signatures() -> Grid:
    """Both sides by hand, with the day."""
    sides = (_("Visitors (signature)"), _("For the firm (signature)"))
    signed = [cell for side in sides for cell in (label(side, 2), Cell(lines=2))]
    dated = [cell for _side in sides for cell in (label(pgettext("paper", "Date")), Cell())]
    return Grid(shares=SHARES, rows=(tuple(signed), tuple(dated)))
