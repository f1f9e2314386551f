"""Where the bars lead: plain tables. An entry shows only if its page exists and the role needs it.

``views``: URL names, the first that exists counts; a screen's developer adds or renames here.
``roles``: None for everybody in an office; firms have their own page and no bar.
"""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organisations.roles import Role

Words = str | Promise

# system, security and audit administrators do no case work
HANDLERS = frozenset(
    {
        Role.TOWNSHIP_WORKER,
        Role.COUNTY_WORKER,
        Role.COUNTY_LEAD,
        Role.DEPARTMENT_OFFICER,
        Role.DEPARTMENT_LEAD,
        Role.LIAISON_MEMBER,
        Role.OFFICE,
    }
)
READERS = HANDLERS | {Role.SUPERVISOR, Role.LEADER}
LEADS = frozenset({Role.COUNTY_LEAD, Role.DEPARTMENT_LEAD})
# pages about people beside the list of units and posts
PEOPLE_VIEWS = ("load", "stand_ins", "hand_over", "gaps", "groups", "pairings")
OVERSEERS = frozenset({Role.OFFICE, Role.SUPERVISOR, Role.LEADER, Role.COUNTY_LEAD})


@dataclass(frozen=True)
class Entry:
    """One link of a bar; ``key`` answers to g + key, ``icon`` and ``main`` are the phone's."""

    views: tuple[str, ...]
    label: Words
    roles: frozenset[Role] | None = None
    key: str = ""
    icon: str = ""
    main: bool = False
    counts: bool = False
    # pages of the same part under other addresses: the entry is current there too
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """An entry that leads somewhere, ready for the template."""

    url: str
    label: Words
    current: bool
    key: str = ""
    icon: str = ""
    main: bool = False
    count: int = 0


DESK = (
    Entry(("workbench", "cases:workbench"), _("Workbench"), HANDLERS, key="t"),
    Entry(
        ("ledger", "cases:ledger"),
        _("Working ledger"),
        READERS,
        key="l",
        under=("closing_numbers", "spot_checks", "spot_check_draw_page"),
    ),
    Entry(("firms", "enterprises:list", "enterprises:firms"), _("Firm files"), READERS),
    Entry(("resources",), _("Visits and matching"), READERS, under=("matches",)),
    Entry(("issues",), pgettext_lazy("navigation", "Issues"), READERS),
    Entry(
        ("measures",),
        pgettext_lazy("navigation", "Measures"),
        READERS,
        under=("proposals", "policies"),
    ),
    Entry(("progress", "reports:progress"), _("Progress"), READERS, key="d"),
    Entry(("overdue", "cases:overdue"), _("Supervision"), OVERSEERS),
    Entry(("documents",), pgettext_lazy("navigation", "Documents"), READERS),
    Entry(
        ("imports", "enterprises:imports", "enterprises:import", "programmes"),
        _("Administration"),
        frozenset({Role.OFFICE}),
        under=(
            "programmes",
            "people",
            "working_days",
            "deliveries",
            "status",
            "audit",
            "house_styles",
            "house_style",
            *PEOPLE_VIEWS,
        ),
    ),
    # the office finds them as a tab of the administration
    Entry(
        ("people",),
        _("Administration"),
        frozenset({Role.SYSTEM_ADMIN}),
        under=("working_days", "status", "audit"),
    ),
    # they do no case work: this is their page
    Entry(
        ("audit",),
        _("Audit trail"),
        frozenset({Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}),
    ),
    # whoever leads people finds them without the administration
    Entry(("load",), _("Units and posts"), LEADS, under=PEOPLE_VIEWS),
)
# tabs over the pages about people
PEOPLE = (
    Entry(("people",), _("Units and posts"), frozenset({Role.OFFICE, Role.SYSTEM_ADMIN})),
    Entry(("load",), _("Workload"), READERS),
    Entry(("stand_ins",), _("Stand-ins and hand-overs"), HANDLERS, under=("hand_over",)),
    Entry(("pairings",), _("Pairings"), READERS),
    Entry(("gaps",), _("Gaps"), frozenset({Role.OFFICE})),
    Entry(("groups",), _("Groups"), LEADS | {Role.OFFICE}),
)
# tabs over the pages about figures
PROGRESS = (
    Entry(
        ("progress",), _("Overall progress"), READERS, under=("goals", "leader", "progress_compare")
    ),
    Entry(("day_figures",), _("Figures of a day"), READERS),
    Entry(("county_ranks",), _("County ranking"), READERS),
    Entry(("reconciling",), _("Ledger against filing"), READERS),
    Entry(("months",), pgettext_lazy("navigation", "Frozen months"), READERS),
    Entry(("month_changes",), _("List of changes"), READERS),
    Entry(("assessment",), _("Yearly assessment"), READERS),
)
# tabs over the pages of the administration
ADMIN = (
    Entry(
        ("imports", "enterprises:imports", "enterprises:import"),
        _("Import"),
        frozenset({Role.OFFICE}),
    ),
    Entry(("programmes",), _("Programmes"), frozenset({Role.OFFICE})),
    Entry(
        ("people",),
        _("Units and posts"),
        frozenset({Role.OFFICE, Role.SYSTEM_ADMIN}),
        under=PEOPLE_VIEWS,
    ),
    Entry(("working_days",), _("Working calendar"), frozenset({Role.OFFICE, Role.SYSTEM_ADMIN})),
    Entry(
        ("house_styles",),
        pgettext_lazy("navigation", "Document templates"),
        frozenset({Role.OFFICE}),
        under=("house_style",),
    ),
    Entry(("deliveries",), _("Sent messages"), frozenset({Role.OFFICE})),
    Entry(("status",), _("State of the system"), frozenset({Role.OFFICE, Role.SYSTEM_ADMIN})),
    Entry(("audit",), _("Audit trail"), frozenset({Role.OFFICE, Role.SYSTEM_ADMIN})),
)
PHONE = (
    Entry(
        ("phone_todo", "cases:phone_todo", "workbench"),
        _("To do"),
        READERS,
        icon="list",
        counts=True,
    ),
    Entry(
        ("phone_firms", "cases:phone_firms", "firms", "ledger"),
        _("Firms"),
        READERS,
        icon="building",
    ),
    Entry(
        ("phone_visit", "cases:phone_visit"),
        _("Visit"),
        HANDLERS,
        icon="plus",
        main=True,
        under=("route",),
    ),
    Entry(("notices", "notifications:list"), _("Messages"), icon="message"),
    Entry(("phone_me", "profile"), _("Me"), icon="user"),
)


def address(*views: str) -> str:
    """The URL of the first name that exists, or nothing."""
    for view in views:
        try:
            return reverse(view)
        except NoReverseMatch:
            continue
    return ""


def links(table: tuple[Entry, ...], roles: frozenset[str], path: str) -> list[Link]:
    """A bar for somebody with ``roles``; the entry with the longest fitting address is current."""
    found = [
        (entry, address(*entry.views))
        for entry in table
        if entry.roles is None or entry.roles & roles
    ]
    found = [(entry, url) for entry, url in found if url]
    places = {
        place: url
        for entry, url in found
        for place in (url, *filter(None, (address(name) for name in entry.under)))
    }
    place = max((place for place in places if path.startswith(place)), key=len, default="")
    here = places.get(place)
    return [
        Link(url, entry.label, url == here, entry.key, entry.icon, entry.main)
        for entry, url in found
    ]
