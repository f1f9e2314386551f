"""What every page shows around its content: one lazy object, ``shell``, for the templates."""

from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import navigation
from config.demo import state
from config.display import SIZES, THEMES
from notifications.views.notices import unread_of
from organisations import clock
from organisations.models import beside_post
from organisations.roles import Role
from organisations.scope import Actor, Standing


class Shell:
    """Read by skeleton.html, base.html and phone_base.html; asks only for what a page prints."""

    brand: str | Promise = gettext_lazy("R&D coverage")

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def actor(self) -> Actor | None:
        return getattr(self.request, "actor", None)

    @property
    def demo(self) -> bool:
        return bool(getattr(settings, "DEMO", False))

    @property
    def demo_day(self) -> date | None:
        """How far the demo's history has come, while it is being built: the page's own today."""
        return clock.today() if state.is_building() and clock.offset() else None

    @property
    def today(self) -> date:
        return clock.today()

    @property
    def theme(self) -> str:
        return _cookie(self.request, "theme", THEMES)

    @property
    def size(self) -> str:
        return _cookie(self.request, "size", SIZES)

    @property
    def office(self) -> str | Promise:
        """Who runs this installation, for the foot and the cover."""
        return getattr(settings, "OFFICE_NAME", "") or _(
            "Office of the task force for full coverage of R&D activity in industrial firms"
        )

    @cached_property
    def standing(self) -> Standing | None:
        actor = self.actor
        return actor.standings[0] if actor and actor.standings else None

    @property
    def who(self) -> str:
        user = getattr(self.request, "user", None)
        return str(user) if user is not None and user.is_authenticated else ""

    @property
    def post(self) -> str:
        """Unit and post as people say it: 青岭县经办人."""
        held = self.standing
        if held is None:
            return ""
        unit = beside_post(held.unit_name, held.post_name)
        return _("%(unit)s %(post)s") % {"unit": unit, "post": held.post_name}

    @cached_property
    def roles(self) -> frozenset[str]:
        return self.actor.roles if self.actor else frozenset()

    @property
    def is_firm(self) -> bool:
        return self.roles == {Role.ENTERPRISE_CLERK}

    @property
    def works_outside(self) -> bool:
        """Who goes to firms: the page says what waits on his phone."""
        return bool(self.who and self.roles & navigation.HANDLERS)

    @cached_property
    def nav(self) -> list[navigation.Link]:
        return navigation.links(navigation.DESK, self.roles, self.request.path)

    @cached_property
    def tabs(self) -> list[navigation.Link]:
        if not self.who or self.is_firm:
            return []
        return navigation.links(navigation.PHONE, self.roles, self.request.path)

    @cached_property
    def admin_tabs(self) -> list[dict[str, object]]:
        """Tabs of the administration; a single one is none."""
        return self._tabs(navigation.ADMIN)

    @cached_property
    def people_tabs(self) -> list[dict[str, object]]:
        """Tabs over the pages about people; a single one is none."""
        return self._tabs(navigation.PEOPLE)

    @cached_property
    def progress_tabs(self) -> list[dict[str, object]]:
        """Tabs over the pages about figures."""
        return self._tabs(navigation.PROGRESS)

    def _tabs(self, table: tuple[navigation.Entry, ...]) -> list[dict[str, object]]:
        found = navigation.links(table, self.roles, self.request.path)
        tabs: list[dict[str, object]] = [
            {"url": one.url, "label": one.label, "current": one.current} for one in found
        ]
        return tabs if len(tabs) > 1 else []

    @cached_property
    def unread(self) -> int:
        """One query, and only on a page whose bar shows the bell or the phone's tab."""
        return unread_of(self.request)

    @property
    def search_url(self) -> str:
        # the search is the ledger's, which administrators may not read
        if not (self.who and self.roles & navigation.READERS):
            return ""
        return navigation.address("search", "ledger", "cases:ledger")

    @property
    def notices_url(self) -> str:
        return navigation.address("notices", "notifications:list") if self.who else ""

    @property
    def home_url(self) -> str:
        return navigation.address("home", "login")

    @property
    def login_url(self) -> str:
        return navigation.address("login")

    @property
    def logout_url(self) -> str:
        return navigation.address("logout")

    @property
    def profile_url(self) -> str:
        return navigation.address("profile")

    @property
    def display_url(self) -> str:
        return navigation.address("display")


def _cookie(request: HttpRequest, name: str, allowed: frozenset[str]) -> str:
    value = request.COOKIES.get(name, "")
    return value if value in allowed else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"shell": Shell(request)}
