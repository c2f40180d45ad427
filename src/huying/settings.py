"""What Django needs, made from what the installation has chosen (`huying.installation`)."""

from __future__ import annotations

import os
import secrets
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying import embedded, secret_keys
from huying.database_url import database_from_url
from huying.installation import PACKAGE, config

HUYING = config
"""What the installation has chosen, under a name that `django.conf.settings` gives on."""


PROCESS = f"huying-{os.getpid():x}-{secrets.token_hex(4)}"
"""By which the server knows this process where a pooler stands between: its connections are the
pooler's there, but they bear the name of who was lent one (`huying.postgres.watch`)."""


def _database(*, owner: bool) -> dict[str, Any]:
    try:
        url = config.url(owner=owner)
    except embedded.EmbeddedError:
        # No server was ever started here. Commands that need one start it first; others
        # (checks, makemigrations) must still be able to read the settings.
        url = f"postgresql://nobody@/{embedded.DATABASE}?host={config.layout.socket_dir()}"
    description = database_from_url(url) if url else database_from_url(config.url())
    description["CONN_HEALTH_CHECKS"] = True
    # A new connection thinks of a plan for each statement five times before it keeps one.
    description["CONN_MAX_AGE"] = 0 if owner else 3600
    pooled = config.database_pooler and not owner
    description["OPTIONS"].setdefault("application_name", PROCESS if pooled else "huying")
    # Whoever waits for a server that does not answer is told so, and not left hanging.
    description["OPTIONS"].setdefault(
        "connect_timeout", str(max(2, int(config.database_wait_seconds)))
    )
    if config.database_pool and not owner:
        description["CONN_MAX_AGE"] = 0
        description["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": config.database_pool_size or config.web_threads,
            "timeout": config.database_wait_seconds,
        }
    if pooled:
        description["DISABLE_SERVER_SIDE_CURSORS"] = True
        description["OPTIONS"]["prepare_threshold"] = None
    return description


def databases() -> dict[str, dict[str, Any]]:
    """Django's two ways into the one database: the application's, and the owner's.

    Called again once the embedded server of a new data folder has its passwords.
    """
    return {"default": _database(owner=False), "owner": _database(owner=True)}


DEBUG = config.debug
_keys = secret_keys.read(config.secrets, time.time())
SECRET_KEY, SECRET_KEY_FALLBACKS = _keys.signs, _keys.accepted  # changed by secret_keys.FreshKeys
AUTH_USER_MODEL = "huying.Account"
ALLOWED_HOSTS = [h.strip() for h in f"{config.allowed_hosts},{config.address}".split(",") if h]

INSTALLED_APPS = [
    "huying.people.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "procrastinate.contrib.django",
    "huying",
]

MIDDLEWARE = [
    "huying.telemetry.observing.Observed",
    "huying.admission.door.ToldToComeAgain",
    "huying.security.NotedRefusals",
    "huying.telemetry.observing.ByAnyName",
    "huying.api.middleware.ShortWay",
    "huying.desk.knocking.ShortKnock",
    "django.middleware.security.SecurityMiddleware",
    "huying.security.ContentSecurityPolicy",
    "huying.static_files.StaticFiles",
    "huying.compressing.CompressPages",
    "huying.secret_keys.FreshKeys",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "huying.language.ChosenLanguage",
    "huying.security.NoNul",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "huying.people.middleware.PresentPost",
    "huying.people.whose.InOwnName",
    "axes.middleware.AxesMiddleware",
    "huying.security.WholeOnly",
]

ROOT_URLCONF = "huying.urls"
WSGI_APPLICATION = "huying.wsgi.application"

TEMPLATES = [
    {
        "NAME": "django",
        "BACKEND": "huying.templating.Pages",
        "DIRS": [PACKAGE / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "huying.templating.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

MESSAGE_STORAGE = "huying.people.messages.WhenThereAre"
FORM_RENDERER = "huying.form_drawing.Renderer"

DATABASES = databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What is counted against guessing (allauth's limits, of a second factor for instance) is counted
# for all web processes and machines, under a lock. Nothing else is kept here.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        # Beyond it counts are dropped unseen: far more than a flood of addresses makes in a day.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

PROCRASTINATE_ON_APP_READY = "huying.recurring.on_app_ready"
PROCRASTINATE_IMPORT_PATHS = [
    "huying.cases.deferring",
    "huying.cases.unlinking",
    "huying.dispatch.jobs",
    "huying.desk.writing",
    "huying.desk.backtesting",
    "huying.notices.telling",
    "huying.notices.sending",
    "huying.intake.excel.taking",
    "huying.reports.making",
    "huying.retention.running",
    "huying.urls",  # whatever a page can tell people of, the worker has the words for
]

LANGUAGE_CODE = config.language
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = config.time_zone
FORMAT_MODULE_PATH: list[str] = []

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
STATIC_ROOT = None
# Bundled files carry their hash in their name; whitenoise serves the packages' own folders, and
# what neighbouring builds laid into the data folder (builds.py).
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = config.debug
WHITENOISE_IMMUTABLE_FILE_TEST = r"/static/huying/dist/.*[-.][0-9A-Za-z_-]{8,}\.\w+$"

SESSION_ENGINE = "huying.people.sessions"
# Over https the names begin so that no other host, and no page without https, can set them.
_OWN_HOST = "__Host-" if config.secure else ""
SESSION_COOKIE_NAME = f"{_OWN_HOST}huying"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# A session ends with the browser, after `idle_minutes` without a click (people.middleware), and
# after a long shift in any case.
SESSION_COOKIE_AGE = 16 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = config.secure
CSRF_COOKIE_NAME = f"{_OWN_HOST}huying-csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = config.secure
CSRF_USE_SESSIONS = False
LANGUAGE_COOKIE_NAME = f"{_OWN_HOST}django_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = config.secure

# --- Signing in (docs/people.md) ----------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["huying.people.hashing.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email"), "max_similarity": 0.5},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "huying.people.passwords.ContextWords"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "huying.people.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "huying.people.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USERNAME_MIN_LENGTH = 1
# Whole offices come from one address at the start of a shift. Guessing one account's password is
# stopped by the lock-out below, before these limits. Those "by key" are a name's at one address
# (people.adapters), and an account's where a second factor is guessed by who has the password.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,10/5m/key"}

MFA_ADAPTER = "huying.people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # the device asks its holder, each time
MFA_RATE_LIMITS = {"webauthn_login": "240/m/ip"}  # two requests a sign-in; see above
MFA_TOTP_ISSUER = "huying"
MFA_TOTP_TOLERANCE = 1  # phones' clocks are a few seconds off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an address is never used to recover an account

AXES_HANDLER = "huying.people.lockout.Lockout"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "huying.people.adapters.attempted_username"
AXES_CLIENT_IP_CALLABLE = "huying.people.adapters.client_address"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_ENABLE_ADMIN = False  # shown on our own admin site, to those who may
AXES_VERBOSE = False

FILE_UPLOAD_HANDLERS = [
    "huying.uploads.Gate",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "huying.uploads.Nameless",
]
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if config.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = config.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if config.https else None
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "huying.logs.Discreet",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "huying.logs.Json"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": config.log_lines(sys.stderr.isatty()),
            "stream": sys.stderr,
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "huying": {"level": config.log_level},
        # Its job arguments are ids only, but its INFO lines are many.
        "procrastinate": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # It tells to whom it could not send.
        "apprise": {"level": "CRITICAL"},
    },
}
