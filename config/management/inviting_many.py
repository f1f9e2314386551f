"""``manage.py clerks invite --county/--cases``: many firms invited at once, as from the ledger."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from cases.invitation_book import as_json, write_links
from cases.models import Case
from config.management.case_naming import find_case
from enterprises.actions import inviting_many
from enterprises.actions.inviting_many import Made
from enterprises.invitation_words import site
from enterprises.models import Enterprise, Membership
from organisations.days import day_of
from organisations.models import Region
from organisations.scope import Actor
from reports.documents.render import NoPdf, our_fonts, render_pdf


def add_arguments(parser: ArgumentParser) -> None:
    """Beside the one firm: which many, whom of them, and where the links and sheets go."""
    parser.add_argument("--county", help="every firm on the county's register instead of one")
    parser.add_argument(
        "--cases", nargs="+", default=[], metavar="CASE", help="the firms of these cases instead"
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="firms that have somebody with access, or nothing open, too",
    )
    parser.add_argument("-o", "--out", metavar="FILE", help="the links as a workbook (.xlsx)")
    parser.add_argument("--sheets", metavar="FILE", help="a page for each firm (.pdf or .html)")
    parser.add_argument("--dry-run", action="store_true", help="only say who would be invited")


def is_meant(options: dict[str, Any]) -> bool:
    return bool(options["county"] or options["cases"] or options["dry_run"])


def carry_out(options: dict[str, Any], only: Enterprise | None) -> dict[str, Any]:
    """What was made, or with ``--dry-run`` would be. ``only``: the one firm that was named."""
    by, at = options["by_actor"], options["at"]
    firms = [only.pk] if only is not None else _firms(options, by)
    ended = _ended(firms) if only is None and not options["again"] else set()
    firms = [pk for pk in firms if pk not in ended]
    plan = inviting_many.plan_many(firms, by=by, on=day_of(at), again=options["again"])
    words = _("Nothing is wanted of this firm any more.")
    left_out = plan.left_out | dict.fromkeys(sorted(ended), words)
    names = Enterprise.objects.in_bulk(list(left_out))
    told: dict[str, Any] = {
        "left_out": [{"firm": names[pk].name, "why": why} for pk, why in left_out.items()]
    }
    if options["dry_run"]:
        return told | {"would_invite": [guest.firm.name for guest in plan.guests]}
    check_site()
    check_sheets(options["sheets"])
    made = inviting_many.invite_many(
        firms, by=by, at=at, days=options["days"], again=options["again"], newest=plan.newest
    )
    write(made, options)
    return told | {"invited": as_json(made, site())}


def check_site() -> None:
    """Before anything is made: a link without a host opens nothing."""
    if not site():
        words = _("Set XIAOHAO_ADDRESS first: without it a link has no address to open.")
        raise CommandError(words)


def _firms(options: dict[str, Any], by: Actor) -> list[int]:
    if options["cases"]:
        cases: list[Case] = [find_case(name, "", by) for name in options["cases"]]
        return sorted({case.firm_id for case in cases if case.enterprise_id is not None})
    counties = Region.objects.filter(level=Region.Level.COUNTY, name=options["county"])
    if not counties:
        words = _("There is no county “%(name)s”.") % {"name": options["county"]}
        raise CommandError(words)
    rows = Membership.objects.on(day_of(options["at"])).filter(county__in=counties)
    seen = Enterprise.objects.visible_to(by).filter(pk__in=rows.values("enterprise"))
    return sorted(seen.values_list("pk", flat=True))


def _ended(firms: Sequence[int]) -> set[int]:
    """Struck off or taken out, with nothing open; a firm without a case is none of them."""
    rows = Case.objects.filter(enterprise__in=firms).order_by()
    open_ = set(rows.filter(finished=None).values_list("enterprise", flat=True))
    return set(rows.values_list("enterprise", flat=True)) - open_


def check_sheets(name: str | None) -> None:
    """Before anything is made: codes that cannot be printed would be lost."""
    if name is None or name.endswith(".html"):
        return
    if not name.endswith(".pdf"):
        raise CommandError(_("--sheets writes a file that ends in .pdf or .html."))
    try:
        our_fonts()
    except NoPdf as error:
        raise CommandError(error.words) from error


def write(made: Sequence[Made], options: dict[str, Any]) -> None:
    """The links as a workbook and a page for each firm, where they are asked for."""
    if options["out"]:
        with Path(options["out"]).open("wb") as target:
            write_links(target, made, site=site(), on=day_of(options["at"]))
    name = options["sheets"]
    if not name:
        return
    is_pdf = name.endswith(".pdf")
    fonts = our_fonts().stack("hei") if is_pdf else "sans-serif"
    context = {"sheets": [one.sheet(site()) for one in made], "fonts": fonts}
    html = render_to_string("enterprises/sheets.html", context)
    try:
        content = render_pdf(html) if is_pdf else html.encode()
    except NoPdf as error:
        raise CommandError(error.words) from error
    Path(name).write_bytes(content)
