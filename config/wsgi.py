"""WSGI entry for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# what is loaded by now stays, and a page makes and drops thousands of objects of its own: looking
# through all of them every 700 was a tenth of the time of a ledger. Processes that are forked from
# this one share what is never touched
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
