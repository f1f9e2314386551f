"""Which unit a paper goes out from: the office, or the department or county that answers itself."""

from __future__ import annotations

from cases.models import Case
from cases.rulebook import rules_of
from organisations.models import Region, Unit
from reports.documents.content import Content
from reports.documents.nouns import Document, HouseStyle

Kind = Document.Kind
# papers that the unit answering for a case signs: a reply to a proposal, a county's report
BY_UNIT = (Kind.PROPOSAL_REPLY, Kind.MONTHLY_REPORT)
ISSUERS = (Unit.Kind.TASK_FORCE, Unit.Kind.DEPARTMENT)


def issuer_of(kind: str, case: Case | None) -> Unit | None:
    """The unit that signs a paper of this kind about a case; none is the office."""
    if case is None or kind not in BY_UNIT:
        return None
    unit: Unit = case.responsible_unit
    if unit.kind not in ISSUERS:
        return None
    if kind == Kind.MONTHLY_REPORT and rules_of(case).procedure.closer == "office":
        return None
    return unit


def issuers_of(city: Region, kind: str) -> list[Unit]:
    """Units whose masthead, signing body and series the office may set for a kind."""
    if kind not in BY_UNIT:
        return []
    own = Unit.objects.filter(kind=Unit.Kind.DEPARTMENT, region=city)
    counties = Unit.objects.filter(kind__in=ISSUERS, region__parent=city)
    return [*own.order_by("id"), *counties.order_by("region", "kind", "id")]


def styled(content: Content, kind: str, city_id: int, issuer: Unit | None) -> Content:
    """As the office has set it for the kind; head, name and mark of a unit's own paper are the
    unit's, never the office's."""
    styles = HouseStyle.objects.filter(city=city_id, kind=kind)
    held = {style.unit_id: style for style in styles}
    if (whole := held.get(None)) is not None:
        content = whole.applied(content, is_ours=issuer is None)
    own = held.get(issuer.pk) if issuer is not None else None
    return own.applied(content) if own is not None else content
