"""One file, environment only: docs/operations.md lists every variable.

Embedded default: SQLite and Celery's file broker under ``var/``; ``DATABASE_URL`` and ``REDIS_URL``
switch to PostgreSQL and Redis.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.logging import configuration
from config.mail import gateway, mail_server, others, robots, sending_hours
from config.secret import kept_keys
from config.tls import certificate
from organisations.pace import share

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("XIAOHAO_DEBUG", default=False)
DEMO = env.bool("XIAOHAO_DEMO", default=False)
VAR_DIR = Path(env("XIAOHAO_VAR", default=str(BASE_DIR / "var")))
if DEMO:
    # nothing of the demo lies where a real city keeps its own: both can be tried in one checkout
    VAR_DIR /= "demo"
VAR_DIR.mkdir(parents=True, exist_ok=True)
# the web server's own certificate and key; with a reverse proxy in front there is none
CERTIFICATE = certificate(env("XIAOHAO_CERTIFICATE", default=""), env("XIAOHAO_KEY", default=""))
HTTPS = env.bool("XIAOHAO_HTTPS", default=CERTIFICATE is not None)
# trusted reverse proxies in front: how many, so that X-Forwarded-For can be read from the right
PROXIES = env.int("XIAOHAO_PROXIES", default=0)
# the first signs; what the others signed is accepted until they are taken out (operations.md)
SECRET_KEY_IS_GIVEN = bool(env("XIAOHAO_SECRET_KEY", default=""))
if SECRET_KEY_IS_GIVEN:
    SECRET_KEY = env("XIAOHAO_SECRET_KEY")
    SECRET_KEY_FALLBACKS = env.list("XIAOHAO_SECRET_KEY_FALLBACKS", default=[])
else:
    SECRET_KEY, *SECRET_KEY_FALLBACKS = kept_keys(VAR_DIR)
ALLOWED_HOSTS = env.list("XIAOHAO_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("XIAOHAO_ORIGINS", default=[])
# who runs this installation, for the foot of the page
OFFICE_NAME = env("XIAOHAO_OFFICE", default="")
# an office's own fonts (方正小标宋, 仿宋_GB2312 …): found before those of the system
FONTS_DIR = env("XIAOHAO_FONTS", default=str(VAR_DIR / "fonts"))

INSTALLED_APPS = [
    "config",
    "organisations",
    "enterprises",
    "resources",
    "workflows",
    "cases",
    "notifications",
    "reports",
    "viewflow",
    "viewflow.workflow",
    "django_htmx",
    "axes",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
# we use viewflow's process and task models, not its sites: no middleware of theirs
VIEWFLOW = {"AUTOREGISTER": False}

MIDDLEWARE = [
    "config.frames.Roomy",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.ProgressMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # before the sessions, which are written on the way out
    "config.demo.courtesy.VisitorsFirst",
    "config.demo.present.OneDay",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.sessions.IdleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.middleware.ActorMiddleware",
    "config.errors.Addressed",
    "config.bodies.Bounded",
    "config.bodies.Typed",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shell",
            ]
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'xiaohao.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # measured with 8 writers × 200 transactions: default loses 717, WAL alone 1,130, this none
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        # Python keeps 128 statements as read and planned; an office asks for more in an hour, and
        # reading them anew was a third of SQLite's time
        "cached_statements": 512,
    }
else:
    DATABASES["default"]["ENGINE"] = "organisations.postgresql"
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    # a database that hangs is said to be away within seconds
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
    # the few statements that say so (cases/parcels.py) are planned once a connection, from the
    # second time on; every other one of Django's is sent as before
    DATABASES["default"]["OPTIONS"].setdefault("prepare_threshold", 1)
    # the counts of a workbench are one statement of many small questions over few rows: PostgreSQL
    # compiled it for 2.9 seconds to run it in 10 ms. The plan of what is kept planned depends on no
    # value: PostgreSQL need not plan it five times on each connection to see that. Figures of a
    # country by county are added up in memory; in the server's 4 MB they are sorted on the disk.
    # Memoize clears memory for all rows that a join might have before it begins: in a country 3 ms
    # for each page of a list, which shows fifty. A page asked for ahead of its turn is one more
    # call of the system: a sixth of a search's half millisecond where memory holds the tables
    # (docs/adr/0065)
    DATABASES["default"]["OPTIONS"].setdefault(
        "options",
        "-c jit=off -c enable_memoize=off -c plan_cache_mode=force_generic_plan -c work_mem=16MB"
        " -c effective_io_concurrency=0",
    )

DATABASE_ROUTERS = ["enterprises.routing.KeptByTriggers"]

# --- Redis, or files -----------------------------------------------------------------------------
# The database is the record; the broker may lose everything at any moment. Nothing of ours is kept
# in the cache: it is there for what Django or a package may put into it.
REDIS_URL = env("REDIS_URL", default="")
_REDIS_PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 1}
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": _REDIS_PATIENCE,
        }
    }
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 3600,
        # give back what a killed worker held within seconds of its time being up
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    QUEUE_DIR = VAR_DIR / "queue"
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT = "config.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # one folder for in and out: the same machine writes and reads
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "processed_folder": str(QUEUE_DIR / "processed"),
        # the default of 5 s would make every import and every stop wait as long
        "polling_interval": 0.3,
    }
    for _folder in ("messages", "control", "processed"):
        (QUEUE_DIR / _folder).mkdir(parents=True, exist_ok=True)

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
# below the visibility timeout, so that no second worker starts what still runs
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = env("XIAOHAO_TIME_ZONE", default="Asia/Shanghai")
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # a message that waited a minute is worth nothing: the next one does the same
    "tick": {"task": "config.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    # apart from the tick, so that a slow mail server holds up no deadline
    "send": {"task": "config.tasks.send", "schedule": 60.0, "options": {"expires": 55}},
    # apart from both: drawing and scanning take seconds a file
    "papers": {"task": "config.tasks.papers", "schedule": 60.0, "options": {"expires": 55}},
    # at night; a night on which the machine was off is caught up when it starts
    "sweep_up": {"task": "config.tasks.sweep_up", "schedule": crontab(hour="2", minute="50")},
    "verify": {"task": "config.tasks.verify", "schedule": crontab(hour="3", minute="20")},
    "seal": {"task": "config.tasks.seal", "schedule": 300.0, "options": {"expires": 290}},
}

# --- accounts ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisations.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "organisations.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {
        "NAME": f"{_VALIDATION}UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone", "email")},
    },
    {"NAME": f"{_VALIDATION}CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# five wrong passwords in 15 minutes lock the account, and likewise the address
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "config.addresses.client_address"
AXES_LOCKOUT_CALLABLE = "organisations.views.signing.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# sign-ins are in our own trail
AXES_DISABLE_ACCESS_LOG = True

# idle for 30 minutes: out. IdleMiddleware renews the session, at most once a minute
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_AGE = 30 * 60
# the cookie itself has no date, so that renewing need not send it again
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
# a browser sends cookies to every port of a machine: who signs in to a real city beside the demo,
# or to another demo, would be signed out here, and the other way
if DEMO:
    _demo = f"demo-{crc32(str(VAR_DIR.resolve()).encode()):08x}"
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_demo}-sessionid", f"{_demo}-csrftoken"

# --- the wire ------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
# asked by the machine itself, without TLS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
# how long browsers refuse to come without TLS; 0 while a certificate is being tried
SECURE_HSTS_SECONDS = env.int("XIAOHAO_HSTS_DAYS", default=365) * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# the browsers' preload list is for public sites; a city's intranet host does not belong there
SILENCED_SYSTEM_CHECKS = ["security.W021"]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # data: and blob: for pictures that the browser shrinks before it sends them
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# bulk acts post one id a row: a ledger of 2,000 rows and its filters
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o600

# --- words ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
# each app keeps its own catalogue in <app>/locale, found by Django itself
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = CELERY_TIMEZONE

# --- files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "config.static.NeededAppsFinder",
]
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# a clamd that looks at every upload before anybody gets it: unix:/run/clamav/clamd.ctl or
# tcp://127.0.0.1:3310; none: nobody looks
CLAMD = env("XIAOHAO_CLAMD", default="")

# the longest list that is read in, in rows: 500000 for a whole country's register
IMPORT_ROWS = env.int("XIAOHAO_IMPORT_ROWS", default=20_000)

# what a worker's tick takes of the time while it has much to do; 1 on a machine of its own
BACKGROUND_SHARE = share(env.float("XIAOHAO_BACKGROUND_SHARE", default=0.5))

# --- what leaves the house -----------------------------------------------------------------------
# no server: notices stay in the product
MAIL = mail_server(env("XIAOHAO_MAIL", default=""), env("XIAOHAO_MAIL_FROM", default=""))
MAIL_PER_MINUTE = env.int("XIAOHAO_MAIL_PER_MINUTE", default=60)
# nothing goes out at night or on a day off
SENDING_HOURS = sending_hours(env("XIAOHAO_SENDING_HOURS", default="08:00-20:00"))
# a gateway of the city's own, by account name; one for text messages; robots of chat groups
GATEWAY_PER_MINUTE = env.int("XIAOHAO_GATEWAY_PER_MINUTE", default=120)
WEBHOOK = gateway(env("XIAOHAO_WEBHOOK", default=""), env("XIAOHAO_WEBHOOK_SECRET", default=""))
SMS = gateway(env("XIAOHAO_SMS", default=""), env("XIAOHAO_SMS_SECRET", default=""))
ROBOTS = robots(env.list("XIAOHAO_ROBOTS", default=[]))
# any other service, by the package apprise (requirements-apprise.txt)
APPRISE = others(env("XIAOHAO_APPRISE", default=""))
# who signs a text message, and whom to call
SMS_SIGN = env("XIAOHAO_SMS_SIGN", default="")
CONTACT = env("XIAOHAO_CONTACT", default="")
# where people find the product: for the links in what is sent
PUBLIC_ADDRESS = env("XIAOHAO_ADDRESS", default="").rstrip("/")

# whoever brings this token reads /metrics; without one there is no such page
METRICS_TOKEN = env("XIAOHAO_METRICS_TOKEN", default="")

LOG_LEVEL = env("XIAOHAO_LOG_LEVEL", default="INFO")
LOGGING = configuration(LOG_LEVEL)
