"""A file that was written in the background is ready, or failed: its asker is told."""

from __future__ import annotations

from django.utils.translation import gettext as _

from notifications.models import Notice
from organisations.file_job import FileJob

READY = "file_ready"


def tell_asker(job: FileJob) -> None:
    """Once; nothing for what was cancelled."""
    if job.state == FileJob.State.DONE:
        title = _("Your file is ready")
        body = _("%(name)s is kept for you for a day.") % {"name": job.name}
    elif job.state == FileJob.State.FAILED:
        title = _("Your file could not be written")
        body = f"{job.name}: {job.words}"
    else:
        return
    Notice.objects.get_or_create(
        key=f"file:{job.pk}",
        defaults={
            "recipient_id": job.by_id,
            "kind": READY,
            "title": title,
            "body": body[:500],
            "at": job.finished_at or job.at,
        },
    )
