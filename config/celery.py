"""Celery wakes people up; the database is the record. Settings: config/settings.py, CELERY_*."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("xiaohao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config"])
app.autodiscover_tasks(["config"], related_name="tasks_imports")
app.autodiscover_tasks(["config"], related_name="tasks_files")
