"""Whether what is confirmed is what the preview told of: else it is told first, and not done."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.utils.translation import gettext as _

from organisations.markers import ActorRequest

SEEN = "seen"  # the hidden field of a preview


def told_of(request: ActorRequest, names: Sequence[str]) -> str:
    """These fields of the form, in whatever order boxes are ticked."""
    values = ((name, request.POST.getlist(name)) for name in names)
    return json.dumps([[name, sorted(one.strip() for one in given)] for name, given in values])


def is_other(request: ActorRequest, names: Sequence[str]) -> bool:
    """A confirmation of something else than was previewed; without such fields there is none."""
    return bool(names) and request.POST.get(SEEN, "") != told_of(request, names)


def other_words() -> str:
    return _(
        "What is chosen is not what the preview was about. Nothing has been done yet: check the "
        "preview below and confirm once more."
    )
