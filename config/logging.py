"""One line a record on standard error: whoever runs the service keeps it (journald, docker)."""

from typing import Any


def configuration(level: str) -> dict[str, Any]:
    """The dictConfig for a root level ("INFO", "WARNING" …)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django brings handlers of its own, e-mail among them; ours is enough
            "django": {"handlers": [], "propagate": True, "level": level},
            # a 404 is how another county's case looks: no warning for it
            "django.request": {"handlers": [], "propagate": True, "level": "ERROR"},
            # at DEBUG every statement, and at migrating every change of a table
            "django.db.backends": {"handlers": [], "propagate": True, "level": "INFO"},
            "django.server": {"handlers": [], "propagate": True, "level": level},
            # what these say at INFO is one line a message and a minute
            "celery": {"level": "WARNING"},
            # ERROR: it warns that a broker made of files has no host
            "kombu": {"level": "ERROR"},
            # sign-ins are in our own trail
            "axes": {"level": "WARNING"},
            # it logs what it sends, with the keys of the address
            "apprise": {"handlers": ["nowhere"], "propagate": False},
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
        },
    }
