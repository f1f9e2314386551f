"""通报表扬 and 通报批评 of a year (002-08): drafts from the frozen year, signed by a person.

Units only; criticism by name only at the year's end (practice), so nothing is drafted from figures
that may still change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.errors import Refused
from reports.assessing import Assessed, Named, assess, point_words
from reports.assessment_files import score_table
from reports.documents.content import Annex, Content, unlinked
from reports.documents.copies import of_the_city
from reports.documents.setting import LANGUAGE, long_day
from workflows.models import Programme
from workflows.wording import speaking

Linked = dict[str, tuple[str, str]]


def commendation(programme: Programme, _as_of: date, today: date) -> Content:
    """通报表扬 of the counties that the plan's rules name."""
    with speaking(LANGUAGE, programme.city_id):
        found = _assessed(programme, today)
        return _content(
            found,
            found.commended,
            title=_("Circular commending counties for their work of %(year)d"),
            heading=_("II. Commended"),
            judged=_(
                "In the assessment %(names)s reached the year's target and stand in front; they are"
                " hereby commended."
            ),
            asked=_(
                "May the units commended keep their standard and go on; may all others learn from "
                "them, find what they lack and bring the work forward."
            ),
        )


def criticism(programme: Programme, _as_of: date, today: date) -> Content:
    """通报批评 of the counties that the plan's rules name."""
    with speaking(LANGUAGE, programme.city_id):
        found = _assessed(programme, today)
        return _content(
            found,
            found.criticised,
            title=_("Circular criticising counties for their work of %(year)d"),
            heading=_("II. Criticised"),
            judged=_("In the assessment %(names)s did not pass; they are hereby criticised."),
            asked=_(
                "The units criticised are to find the causes, name measures, unit, person and time,"
                " and report in writing to the task force's office; all others are to take it as a "
                "warning. Firms report as things are; nothing is made up and no burden is added."
            ),
        )


def _assessed(programme: Programme, today: date) -> Assessed:
    found = assess(programme, programme.current.pack, today)
    if found.rules is None:
        raise Refused("no_assessment", _("The plan names no indicators of the yearly assessment."))
    if found.freeze is None:
        words = _(
            "The year is not frozen yet. Commendation and criticism are drafted from its 31 "
            "December edition or that of the annual report."
        )
        raise Refused("not_frozen", words)
    return found


def _content(
    found: Assessed, named: Sequence[Named], *, title: str, heading: str, judged: str, asked: str
) -> Content:
    if not named:
        raise Refused("nobody_named", _("The rules name no county."))
    pack, programme = found.programme.current.pack, found.programme
    office, figures = pack.units.office, _figures(found)
    links = {key: "{" + name + "}" for key, (name, _value) in figures.items()}
    opening = _(
        "By the plan of work and its rules of assessment the office has judged the work of the "
        "counties in %(year)s on the figures of %(edition)s. With the consent of the task force the"
        " result is circulated:"
    )
    overall = _(
        "%(judged)s counties were judged, %(reached)s of them reached the year's target of "
        "coverage; the scores stand in annex 1."
    )
    names = pgettext("list of names", ", ").join(_one(one) for one in named)
    assert found.rules is not None
    return Content(
        layout="file",
        masthead=_("%(office)s document") % {"office": office.name},
        title=title % {"year": programme.statistical_year},
        addressee=_("People's governments of the counties, departments of the city concerned"),
        paragraphs=(
            opening % links,
            _("I. Assessment"),
            overall % links,
            heading,
            judged % {"names": names},
            _("III. Requests"),
            asked,
        ),
        figures=dict(figures.values()),
        signer=office.name,
        annexes=(
            Annex(
                title=_("Scores of the counties"),
                tables=(score_table(found),),
                is_wide=True,
                notes=(
                    _("Note: %(edition)s, as of the end of %(day)s.")
                    % {"edition": _edition(found), "day": long_day(found.as_of)},
                ),
            ),
            Annex(title=_("How points are given"), paragraphs=tuple(point_words(found.rules))),
        ),
        copies=of_the_city(),
        issuer=office.name,
        words=(programme.city.name, *(sheet.name for sheet in found.sheets)),
    )


def _edition(found: Assessed) -> str:
    """Of the year's two editions the one that was judged by, as paper names it."""
    return found.freeze.get_edition_display() if found.freeze else ""


def _figures(found: Assessed) -> Linked:
    """Key in our texts → (name by which the office's text links it, value)."""
    known = [sheet for sheet in found.sheets if sheet.rank is not None]
    reached = sum(sheet.reached is True for sheet in found.sheets)
    return {
        "year": (_("year of the assessment"), str(found.programme.statistical_year)),
        "edition": (_("edition of the figures"), _edition(found)),
        "judged": (_("counties judged"), str(len(known))),
        "reached": (_("counties that reached the target"), str(reached)),
        **{f"{s.county}": (_points_of(s.name), str(s.total)) for s in known},
        **{f"place {s.county}": (_place_of(s.name), str(s.rank)) for s in known},
    }


def _one(one: Named) -> str:
    """涧西区（第1位，93.4分）; who was not judged by points, by the name alone."""
    sheet = one.sheet
    if sheet.rank is None:
        return unlinked(sheet.name)
    words = _("%(county)s (place %(place)s, %(points)s points)")
    place, points = _place_of(sheet.name), _points_of(sheet.name)
    links = {"place": f"{{{place}}}", "points": f"{{{points}}}"}
    return words % {"county": unlinked(sheet.name), **links}


def _points_of(county: str) -> str:
    return unlinked(_("points of %(county)s") % {"county": county})


def _place_of(county: str) -> str:
    return unlinked(_("place of %(county)s") % {"county": county})
