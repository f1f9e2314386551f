"""Whose static files are served: viewflow alone brings 49 MB that no page of ours asks for."""

from collections.abc import Iterable

from django.contrib.staticfiles.finders import AppDirectoriesFinder

NEEDED = ("django_htmx",)


class NeededAppsFinder(AppDirectoriesFinder):
    """Only the apps in ``NEEDED``; our own files live in ``static/``."""

    def __init__(self, app_names: Iterable[str] | None = None) -> None:
        super().__init__(list(app_names or NEEDED))
