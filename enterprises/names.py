"""The narrow table of firms' names (docs/adr/0065)."""

from __future__ import annotations

from django.db import models


class PairedName(models.Model):
    """A firm's folded name beside its key alone, for search; on PostgreSQL, whose triggers write it
    (``enterprises.paired``). No foreign key: it follows the firm, it does not stand on it.
    """

    firm = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=120)

    class Meta:
        # SQLite has no such table, and no row of it is anybody's to write
        managed = False
