"""Where the bars lead: plain tables. An entry shows only if its page exists and the role needs it.

``views``: URL names, the first that exists counts; a screen's developer adds or renames here.
``roles``: None for everybody in an office; firms have their own page and no bar.
"""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    Entry(("ledger", "cases:ledger"), _("Working ledger"), READERS, key="l"),
    Entry(("firms", "enterprises:list", "enterprises:firms"), _("Firm files"), READERS),
    Entry(("progress", "reports:progress"), _("Progress"), READERS, key="d"),
    Entry(("overdue", "cases:overdue"), _("Supervision"), OVERSEERS),
    Entry(
        ("imports", "enterprises:imports", "enterprises:import"),
        _("Administration"),
        frozenset({Role.OFFICE}),
    ),
    Entry(("people",), _("Units and posts"), frozenset({Role.OFFICE, Role.SYSTEM_ADMIN})),
)
PHONE = (
    Entry(("phone_todo", "cases:phone_todo"), _("To do"), icon="list", counts=True),
    Entry(("phone_firms", "cases:phone_firms", "firms"), _("Firms"), icon="building"),
    Entry(("phone_visit", "cases:phone_visit"), _("Visit"), icon="plus", main=True),
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
    here = max((url for _entry, url in found if path.startswith(url)), key=len, default="")
    return [
        Link(url, entry.label, url == here, entry.key, entry.icon, entry.main)
        for entry, url in found
    ]
