"""What documents have to tell, from their outbox to the people of the units that got them."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction
from django.urls import reverse

from notifications.units import UnitWord, tell_units
from reports.documents import telling
from reports.documents.nouns import ReceiptNews


def tell_documents(at: datetime) -> int:
    """Claimed, told and taken away in one transaction; the number of notices. Idempotent."""
    made = 0
    while telling.is_waiting():
        with transaction.atomic():
            news = telling.claim()
            made += tell_units([_word(one) for one in news], at)
            telling.told(news)
        if not news:  # another worker has them
            break
    return made


def _word(news: ReceiptNews) -> UnitWord:
    document = news.receipt.document
    return UnitWord(
        key=f"document:{news.pk}",
        unit=news.receipt.unit_id,
        city=document.programme.city_id,
        kind=f"document_{news.kind}",
        link=reverse("document", args=[document.pk]),
        say=partial(telling.words_of, news),
        by=news.by_id,
        # what a person wrote to a person
        is_urgent=news.kind == ReceiptNews.Kind.URGED,
    )
