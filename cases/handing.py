"""移交清单, the reading side: what lies on a post's desk, as plain values for page and workbook."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from cases.columns import Reader, Row
from cases.models import Case, HandOver
from cases.querysets import CaseQuerySet, is_open
from organisations.errors import Refused
from organisations.models import Tenure, User
from organisations.regions import fold
from organisations.scope import Actor

LATE = "overdue"
# what a page prints of a hand-over
WITH = ("post__unit__region", "successor", "by")


@dataclass(frozen=True)
class Line:
    """One open item of a desk; ``due_on`` as ISO text, ``light``: shape, words and kind."""

    case: int
    number: str
    firm: str
    county: str
    stage: str
    lack: str
    due_on: str
    kind: str
    shape: str
    light: str
    progress: str
    is_remedy: bool

    @property
    def light_dict(self) -> dict[str, str]:
        """For the template tag ``light``."""
        return {"kind": self.kind, "shape": self.shape, "words": self.light}

    @property
    def due(self) -> date | None:
        return date.fromisoformat(self.due_on) if self.due_on else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def open_cases_of(posts: Collection[int], actor: Actor) -> CaseQuerySet:
    """Cases whose open step lies with one of the posts, the most pressing first."""
    cases: CaseQuerySet = Case.objects.visible_to(actor).with_item()
    cases = cases.filter(is_open(), item__post_id__in=list(posts))
    due = F("item__due_on").asc(nulls_last=True)
    ordered: CaseQuerySet = cases.as_rows().order_by(due, "pk")
    return ordered


def lines_of(cases: Iterable[Case], on: date) -> list[Line]:
    """The list of a desk; two statements, however long it is."""
    rows = Reader(Actor.system(), on).rows(list(cases))
    return [_line(row) for row in rows]


def _line(row: Row) -> Line:
    return Line(
        case=row.pk,
        number=row.number,
        firm=row.name,
        county=row.county,
        stage=row.stage,
        lack=row.lack,
        due_on=row.due_on.isoformat() if row.due_on else "",
        kind=row.light.kind,
        shape=row.light.shape,
        light=row.light.words,
        progress=row.progress_line,
        is_remedy=bool(row.remedy),
    )


def note_lines(row: HandOver, on: date) -> list[Line]:
    """The frozen list of a hand-over; until its day the desk as it stands."""
    if row.lines is None:
        return lines_of(open_cases_of([row.post_id], Actor.system()), on)
    return [Line(**line) for line in row.lines]


def late(lines: Iterable[Line]) -> int:
    return sum(line.kind == LATE for line in lines)


def person_of(text: str, on: date) -> User:
    """An open account by its name or by the person's; refuses none and several, in words."""
    wanted = text.strip()[:60]
    users = User.objects.filter(is_active=True)
    exact = users.filter(username__iexact=wanted).first()
    if exact is not None:
        return exact
    # 张 三: blanks between the letters are typed as often as not
    similar = users.filter(name__startswith=wanted[:1]) if wanted else users.none()
    named = [user for user in similar if fold(user.name) == fold(wanted)]
    if len(named) == 1:
        return named[0]
    if not named:
        raise Refused(
            "no_account",
            _(
                "Nobody is found under “%(text)s”. Write a name or an account; "
                "new ones are created by the office."
            )
            % {"text": wanted},
        )
    raise Refused(
        "several_accounts",
        _("Several people are called %(text)s. Write the account: %(accounts)s.")
        % {"text": wanted, "accounts": "、".join(_named(user, on) for user in named[:6])},
    )


def _named(user: User, on: date) -> str:
    tenure = Tenure.objects.on(on).filter(user=user).select_related("post__unit").first()
    where = f" ({tenure.post.unit.short_name or tenure.post.unit.name})" if tenure else ""
    return f"{user.username}{where}"
