"""Whose a document is: the office's, or a unit's own, which its people write and its head signs."""

from __future__ import annotations

from datetime import date

from cases.actions.drafts import heads_of
from cases.models import Case
from organisations.heads import is_head
from organisations.models import Region, Tenure, Unit
from organisations.roles import POLICY, Act, Role
from organisations.scope import Actor
from reports.documents.issuers import issuer_of
from reports.documents.nouns import Document, own_units


def may_write(by: Actor, city: Region, issuer_id: int | None) -> bool:
    """The city's office every paper, a unit's own people those under its name."""
    return by.may_in(Act.ISSUE_DOCUMENT, city) or issuer_id in own_units(by)


def writes(document: Document, by: Actor) -> bool:
    return may_write(by, document.programme.city, document.issuer_id)


def may_draft(by: Actor, case: Case, kind: str) -> bool:
    """A paper of the kind about the case."""
    issuer = issuer_of(kind, case)
    return may_write(by, case.programme.city, issuer.pk if issuer is not None else None)


def writers_of(document: Document, on: date) -> list[str]:
    """Names of those that may write the document; one statement."""
    if document.issuer_id is None:
        unit = {"post__unit__kind": Unit.Kind.OFFICE, "post__unit__region": document.programme.city}
        return _names(_held(on, Act.ISSUE_DOCUMENT, **unit))
    return _names(_held(on, Act.WRITE_OWN_PAPERS, post__unit=document.issuer_id))


def heads(document: Document, on: date) -> list[str]:
    """Names of those that sign it: of the office, or of the unit whose own it is: its head by the
    post's name where there is one, else its leads; one statement."""
    if document.issuer_id is None:
        return heads_of(document.programme.city_id, on)
    held = _held(on, Act.SIGN_OWN_PAPERS, post__unit=document.issuer_id)
    return _names([one for one in held if is_head(one.post.name)] or held)


def signs(document: Document, by: Actor) -> bool:
    """Whether a post of this person heads the house that the document leaves."""
    if by.is_system:
        return True
    if document.issuer_id is None:
        held = by.standings_for(Act.ISSUE_DOCUMENT)
        return any(s.covers(document.programme.city) and is_head(s.post_name) for s in held)
    own = [s for s in by.standings_for(Act.SIGN_OWN_PAPERS) if s.unit_id == document.issuer_id]
    if any(is_head(s.post_name) for s in own) or not own:
        return bool(own)
    day = by.day
    return day is not None and not any(
        is_head(one.post.name)
        for one in _held(day, Act.SIGN_OWN_PAPERS, post__unit=document.issuer_id)
    )


def _held(on: date, act: Act, **of_unit: object) -> list[Tenure]:
    roles: list[Role | str] = [role for role, acts in POLICY.items() if act in acts]
    rows = Tenure.objects.on(on).filter(post__role__in=roles, **of_unit)
    return list(rows.select_related("user", "post").order_by("post__position"))


def _names(held: list[Tenure]) -> list[str]:
    return list(dict.fromkeys(str(one.user) for one in held))
