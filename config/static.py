"""Which static files of others are served: viewflow brings 49 MB that no page of ours asks for,
and what is collected is also packed, at each first start."""

from collections.abc import Iterable, Iterator

from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.core.files.storage import Storage

NEEDED = {"django_htmx": ("django_htmx/htmx-2.min.js",)}


class NeededAppsFinder(AppDirectoriesFinder):
    """Only the files in ``NEEDED``; our own live in ``static/``."""

    def __init__(self, app_names: Iterable[str] | None = None) -> None:
        super().__init__(list(app_names or NEEDED))

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for app, storage in self.storages.items():
            yield from ((path, storage) for path in NEEDED.get(app, ()))

    def find_in_app(self, app: str, path: str) -> str | None:
        return super().find_in_app(app, path) if path in NEEDED.get(app, ()) else None
