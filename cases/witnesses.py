"""线下核验: who the second person is. A colleague's account where he has one, else his name."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from cases import permissions
from cases.errors import Refused
from cases.models import Case, Evidence
from organisations.models import Tenure, User
from organisations.regions import fold
from organisations.roles import Act, Role
from organisations.scope import actor_of

# what stands in the place of a name and names nobody
NOBODY = re.compile(r"(我?本人|我?自己|同上|同前|没有|不详|某某?某?人?|经办人|审核人|领导|同事)")
HAN = re.compile(r"[\u3400-\u9fff]")
NOT_LETTERS = re.compile(r"[\W_]+")
# characters of a name that stands for somebody without an account
OF_NAME = 2
MOST = 40  # people offered
NO_CASE_WORK = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


def check_other(user: User | None, witness: str) -> None:
    """Not one's own name or account, however it is dressed up."""
    said = _letters(witness)
    if user is not None and said in (_letters(user.name), _letters(user.username)):
        raise _same()


def account_of(text: str, *, city: int, but: User | None, on: date) -> User | None:
    """The open account of the one who is meant, on a post of the programme's city that day, by
    account or name; None for a name that is nobody's there, which must be a person's all the same.
    One statement. Raises ``Refused`` for oneself, for no name, and for several people.
    """
    check_other(but, text)
    said = text.strip()
    place = "post__unit__region"
    here = Q(**{place: city}) | Q(**{f"{place}__parent": city})
    here |= Q(**{f"{place}__parent__parent": city})
    posts = Tenure.objects.on(on).filter(here).exclude(post__role__in=NO_CASE_WORK)
    users = User.objects.filter(is_active=True, pk__in=posts.values("user"))
    users = users.exclude(pk=but.pk) if but is not None else users
    near = users.filter(username__iexact=said) | users.filter(name__startswith=said[:1])
    found = list(near.order_by("pk"))
    exact = [user for user in found if user.username.casefold() == said.casefold()]
    named = exact or [user for user in found if fold(user.name) == fold(said)]
    if len(named) > 1:
        words = _("Several people are called %(text)s. Write the account: %(accounts)s.")
        accounts = "、".join(user.username for user in named[:6])
        raise Refused("several_accounts", words % {"text": said, "accounts": accounts})
    if not named:
        _check_name(said, but)
    return named[0] if named else None


def offered(case: Case, but: User | None, on: date) -> list[tuple[str, str]]:
    """Who is likely to have seen it: people of the case's county and of the city's office, as what
    is written and what is read. A name that two of them bear is written as the account; one
    statement."""
    near = Q(post__unit__region=case.county_id) | Q(post__unit=case.responsible_unit_id)
    near |= Q(post__unit__region=case.programme.city_id, post__role=Role.OFFICE)
    rows = Tenure.objects.on(on).filter(near, user__is_active=True)
    rows = rows.exclude(post__role__in=NO_CASE_WORK).select_related("user", "post__unit")
    found = {
        row.user: row.post.unit.short_name or row.post.unit.name
        for row in rows.order_by("post__unit__position", "user__name", "pk")
        if row.user != but
    }
    names = Counter(user.name for user in found)
    return [
        (user.name if user.name and names[user.name] == 1 else user.username, f"{user} {unit}")
        for user, unit in list(found.items())[:MOST]
    ]


def check_reads(second: User | None, case: Case, on: date) -> None:
    """Whoever is named has to confirm it on the paper's page: he must be able to open it."""
    if second is not None and not permissions.can(actor_of(second, on), Act.READ, case):
        words = _(
            "%(name)s cannot open this case and could not confirm it. Choose a colleague of the "
            "county or of the city office."
        )
        raise Refused("witness_outside", words % {"name": second})


def is_awaited(paper: Evidence, but: int | None) -> bool:
    """Whether the colleague named has still to say that he saw it; ``but``: whoever confirms the
    closing says so by that."""
    account = paper.offline_witness_account_id
    is_offline = paper.state == Evidence.State.VERIFIED_OFFLINE
    return is_offline and account not in (None, but) and not paper.is_witnessed


def awaited_words(names: str) -> str:
    return _(
        "%(names)s: the second person who was named has not confirmed yet that he saw the paper. "
        "He does so on its page; where he cannot, return it and verify it anew."
    ) % {"names": names}


def _check_name(text: str, but: User | None) -> None:
    """Somebody without an account: a whole name, and not one's own with something added."""
    said = _letters(text)
    if but is not None and but.name and _letters(but.name) in said:
        raise _same()
    if len(HAN.findall(said)) < OF_NAME or NOBODY.fullmatch(said):
        raise Refused(
            "no_witness", _("Write the account or the whole name of the second person who saw it.")
        )


def _letters(text: str) -> str:
    return NOT_LETTERS.sub("", fold(text))


def _same() -> Refused:
    return Refused("same_witness", _("The second person who saw the paper must be somebody else."))
