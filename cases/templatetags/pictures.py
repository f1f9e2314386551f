"""The small picture of a photo in a template: ``{% with small=photo|small_picture %}``."""

from typing import Any

from django import template
from django.urls import reverse

from cases.models import VisitPhoto
from cases.views.until_drawn import waiting

register = template.Library()


@register.filter
def small_picture(photo: VisitPhoto) -> dict[str, Any]:
    """For ``cases/evidence/small.html``; ``photo``: as ``paper_files.with_pages`` has it."""
    url = reverse("visit_photo", args=[photo.pk])
    pages: int | None = getattr(photo, "pages", None)
    if pages is None:
        return waiting("small", url)
    return {"url": f"{url}?picture=0" if pages else ""}
