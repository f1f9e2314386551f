"""What a framework does again and again for the same answer, done once or in a shorter way.

Only how it is done: whatever these answer, the framework's own would answer. A third of all that
the tests do is Django making the same statements and pages anew.
"""

from __future__ import annotations

import threading
from functools import lru_cache, partial
from importlib import import_module
from inspect import Parameter, signature
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import LazySettings, settings
from django.contrib.auth import login
from django.core.cache import caches
from django.db import connections
from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from django.db.models.expressions import BaseExpression, Col, Expression
from django.db.models.sql.query import Query
from django.http import HttpRequest
from django.test.client import ClientMixin
from django.urls import base as urls
from django.urls.resolvers import RegexPattern, URLResolver
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import trans_real


def use_short_ways() -> None:
    Col.__hash__ = _hash_of_column  # type: ignore[method-assign, assignment]
    SQLiteCursorWrapper.convert_query = _converted  # type: ignore[method-assign, assignment]
    # a setting is asked for some hundred times a page; nobody asks this proxy for what it hides
    LazySettings.__getattribute__ = object.__getattribute__  # type: ignore[method-assign]
    BaseExpression.__copy__ = _copied  # type: ignore[attr-defined]
    Expression.identity = _cached("identity", _identity)  # type: ignore[method-assign]
    Query.names_to_path = _names_to_path  # type: ignore[method-assign]
    URLResolver.resolve = _resolve  # type: ignore[method-assign]
    URLResolver._reverse_with_prefix = _reverse  # type: ignore[attr-defined]
    ClientMixin._login = _login  # type: ignore[attr-defined]
    AxesDatabaseHandler.user_logged_in = _forgiven
    _keep_by_thread()


def _cached(name: str, answer: Any) -> Any:
    found = cached_property(answer)
    found.__set_name__(Expression, name)
    return found


def _keep_by_thread() -> None:
    """Connections, language and time zone belong to a thread; that they could belong to a
    coroutine, which we have none of, costs ten calls for each statement and each text."""
    for handler in (connections, caches):
        handler.__dict__["_connections"] = threading.local()
    for module, name in (
        (trans_real, "_active"), (timezone, "_active"), (urls, "_prefixes"), (urls, "_urlconfs"),
    ):  # fmt: skip
        module.__dict__[name] = threading.local()


def _hash_of_column(column: Any) -> int:
    """Columns alike have names alike; Django asks ``inspect``, for each of each ordered query."""
    return hash((column.alias, column.target.column))


def _copied(expression: Any) -> Any:
    """As ``copy`` has it from ``__reduce_ex__`` and ``__getstate__``."""
    made = object.__new__(type(expression))
    made.__dict__.update(expression.__dict__)
    made.__dict__.pop("convert_value", None)
    return made


_convert = SQLiteCursorWrapper.convert_query
_known = lru_cache(maxsize=2048)(partial(_convert, None))  # type: ignore[arg-type]


def _converted(cursor: Any, query: str, *, param_names: Any = None) -> str:
    """The same statements come again and again; each is searched for its places once."""
    found: str = (
        _known(query) if param_names is None else _convert(cursor, query, param_names=param_names)
    )
    return found


# --- what an expression is made of ---------------------------------------------------------------
@lru_cache(maxsize=256)
def _parameters(made: type) -> tuple[tuple[str, Any], ...] | None:
    """Names and defaults behind ``self``; nothing where some are taken as they come."""
    found = list(signature(made.__init__).parameters.values())[1:]  # type: ignore[misc]
    if any(one.kind is not Parameter.POSITIONAL_OR_KEYWORD for one in found):
        return None
    return tuple((one.name, one.default) for one in found)


_identity_by_signature = Expression.identity.func  # type: ignore[attr-defined]


def _identity(self: Any) -> Any:
    """As Django's, without binding a signature each time."""
    parameters = _parameters(self.__class__)
    if parameters is None:
        return _identity_by_signature(self)
    args, kwargs = self._constructor_args
    found = [self.__class__]
    for place, (name, default) in enumerate(parameters):
        value = args[place] if place < len(args) else kwargs.get(name, default)
        if value is not Parameter.empty:
            found.append((name, self._identity(value)))
    return tuple(found)


# --- where names and addresses lead --------------------------------------------------------------
MOST = 4096
_paths: dict[Any, Any] = {}
_by_walking = Query.names_to_path


def _names_to_path(
    self: Any, names: Any, opts: Any, allow_many: bool = True, fail_on_missing: bool = False
) -> Any:
    """The way from a model along names, which its fields alone decide where the query has no names
    of its own."""
    if opts is None or self.annotations or self._filtered_relations:
        return _by_walking(self, names, opts, allow_many, fail_on_missing)
    key = (opts, tuple(names), allow_many, fail_on_missing)
    if key not in _paths:
        if len(_paths) >= MOST:
            _paths.clear()
        _paths[key] = _by_walking(self, names, opts, allow_many, fail_on_missing)
    path, final, targets, rest = _paths[key]
    return path[:], final, targets, rest[:]


_matches: dict[Any, Any] = {}
_by_trying = URLResolver.resolve


def _resolve(self: Any, path: Any) -> Any:
    """An address that was found once."""
    if not isinstance(self.pattern, RegexPattern):
        return _by_trying(self, path)
    key = (self, str(path))
    if key not in _matches:
        if len(_matches) >= MOST:
            _matches.clear()
        _matches[key] = _by_trying(self, path)
    return _matches[key]


_made: dict[Any, str] = {}
_by_substituting = URLResolver._reverse_with_prefix  # type: ignore[attr-defined]


def _reverse(self: Any, lookup_view: Any, _prefix: str, *args: Any, **kwargs: Any) -> str:
    """An address that was made once, of names that read the same: a page asks for a hundred."""
    named = tuple((name, str(value)) for name, value in kwargs.items())
    key = (self, lookup_view, _prefix, tuple(map(str, args)), named)
    if key not in _made:
        if len(_made) >= MOST:
            _made.clear()
        _made[key] = _by_substituting(self, lookup_view, _prefix, *args, **kwargs)
    return _made[key]


# --- who comes in --------------------------------------------------------------------------------
_with_a_session = ClientMixin._login  # type: ignore[attr-defined]
_forgive = AxesDatabaseHandler.user_logged_in


def _login(self: Any, user: Any, backend: str | None = None) -> None:
    """Who has no session yet gets one; Django makes one, a second one for it, and drops the first.
    The sign-in is told to everybody who listens."""
    if settings.SESSION_COOKIE_NAME in self.cookies:
        _with_a_session(self, user, backend)
        return
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, user, backend)
    request.session.save()
    self._set_login_cookies(request)


def _forgiven(self: Any, *told: Any, **more: Any) -> None:
    """Wrong passwords are forgotten with three statements; where there are none, with one."""
    if AccessAttempt.objects.exists():
        _forgive(self, *told, **more)
