"""Settings of the clinic site, all from the environment.

Out of the box this is a development site on SQLite. `ENVIRONMENT=production` turns on everything
that production needs and refuses to start half-configured; deploy/production.env.example lists
every value.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env

from clinic import environment, inline
from clinic.http import let_sharers_fetch

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

ENVIRONMENT = env.str("ENVIRONMENT", "development")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", False) and not PRODUCTION
problems = environment.Problems()
if ENVIRONMENT not in {"development", "production"}:
    problems.add("ENVIRONMENT", "say development or production")

# --- Secrets, hosts and who may speak for a visitor's address -----------------------------------

if PRODUCTION:
    SECRET_KEY = environment.secret_key(env, problems)
    SEALING_KEYS = environment.sealing_keys(env, problems)
    LOOKUP_KEY = environment.lookup_key(env, problems)
    ALLOWED_HOSTS = environment.production_hosts(env, problems)
    SITE_URL = environment.production_url(env, problems)
    TRUSTED_PROXIES = environment.trusted_proxies(env, problems)
else:
    HOST, PORT = env.str("HOST", "127.0.0.1"), env.int("PORT", 8000)
    keys = VAR_DIR / "keys"
    SECRET_KEY = environment.development_key(keys, "secret")
    SEALING_KEYS = {
        "dev": environment.key_bytes(environment.development_key(keys, "sealing"))[:32]  # type: ignore[index]
    }
    LOOKUP_KEY = environment.key_bytes(environment.development_key(keys, "lookup")) or b""
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", HOST]
    SITE_URL = env.str("SITE_URL", f"http://{HOST}:{PORT}")
    TRUSTED_PROXIES = []
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])

# --- The site itself ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "clinic.apps.ClinicConfig",
    "articles.apps.ArticlesConfig",
    "locations.apps.LocationsConfig",
    "consults.apps.ConsultsConfig",
    "clinic.apps.StaffSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "crispy_forms",
    "phonenumber_field",
]

MIDDLEWARE = [
    "clinic.middleware.request_id",
    "clinic.middleware.database_patience",
    "clinic.middleware.error_pages",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "clinic.middleware.extra_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.middleware.refuse_control_characters",
    "clinic.middleware.refuse_cross_origin",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "clinic.middleware.StaffSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.middleware.staff_time_zone",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
AUTH_USER_MODEL = "clinic.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.frame.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("clinic_forms",)
CRISPY_TEMPLATE_PACK = "clinic_forms"
CRISPY_FAIL_SILENTLY = False

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", _("English"))]
USE_I18N = True
USE_TZ = True
# Stored times are UTC. A page about a clinic speaks the clinic's time; staff pages the user's.
TIME_ZONE = "America/Chicago"
PHONENUMBER_DEFAULT_REGION = "US"
PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_FORMAT = "NATIONAL"

# Where to report a weakness, as a mailto: or https: address; blank: no security.txt.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", "")

# --- Database -----------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", "" if PRODUCTION else f"sqlite:///{VAR_DIR}/db.sqlite3")
if PRODUCTION and not DATABASE_URL.startswith(("postgres://", "postgresql://")):
    problems.add("DATABASE_URL", "set postgres://user:password@host:5432/name")
    DATABASE_URL = "postgres://unset"
default_database: dict[str, Any] = environment.database(DATABASE_URL)
DATABASES = {"default": default_database}
# Seconds that one page waits for PostgreSQL in all, before it says that it cannot do that now.
DATABASE_PATIENCE = env.float("DATABASE_PATIENCE", 3.0)

# --- Cache --------------------------------------------------------------------------------------

# Counts posts and sign-ins by address. Django's default of 300 entries would let a flood from
# many addresses wash the counts out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- Mail ---------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", "" if PRODUCTION else "console:")
if PRODUCTION and not EMAIL_URL.startswith(("smtp://", "smtps://", "smtp+tls://", "submission://")):
    problems.add("EMAIL_URL", "set smtp+tls://user:password@host:587")
    EMAIL_URL = "console:"
vars().update(environment.mail(EMAIL_URL))
# An SMTP server that says nothing must not hold the worker for ever.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "" if PRODUCTION else "front-desk@example.com")
if PRODUCTION and "@" not in DEFAULT_FROM_EMAIL:
    problems.add("DEFAULT_FROM_EMAIL", "set the neutral address that mail comes from")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Static files -------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names need `collectstatic`: `make run` and a deployment do it, tests do not.
HASHED_STATIC = env.bool("HASHED_STATIC", PRODUCTION)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "clinic.storage.HashedStaticFiles"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not HASHED_STATIC
WHITENOISE_AUTOREFRESH = not HASHED_STATIC
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = let_sharers_fetch
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"

# --- Security -----------------------------------------------------------------------------------

SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clinic.views.not_from_here"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, *map(inline.hash_source, inline.SCRIPTS)],
        "style-src": [SELF, *map(inline.hash_source, inline.STYLE_SHEETS)],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Staff sign-in ------------------------------------------------------------------------------

REQUIRE_MFA = PRODUCTION or env.bool("REQUIRE_MFA", False)
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "clinic.staff.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_SESSION_REMEMBER = False
# No mail to whatever address somebody types into the password reset.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
MFA_ADAPTER = "clinic.staff.StaffMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Staff addresses are entered by a lead, not by the person: there is nothing to verify.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = env.str("MFA_ISSUER", "Clinic front desk")
# A passkey over plain http works for localhost only, which is all that development needs.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Consult requests ---------------------------------------------------------------------------

# What the confirmation promises and what the desk aims for, in working hours of the clinic.
PROMISE_WORKING_HOURS = env.int("PROMISE_WORKING_HOURS", 8)
AIM_WORKING_HOURS = env.int("AIM_WORKING_HOURS", 4)
# More posts of the form than this from one address in an hour are one sign of spam. Carriers and
# hospitals share addresses: keep it generous.
CONSULT_POSTS_PER_HOUR = env.int("CONSULT_POSTS_PER_HOUR", 30)
# What arrives above so many a minute, from all addresses together, is held for a person to look at.
SURGE_PER_MINUTE = env.int("SURGE_PER_MINUTE", 30)
# Days until patient text is erased: after closing without a visit, after a visit, in quarantine,
# and in any case after it was written.
RETENTION_DAYS = {
    "closed": env.int("RETENTION_DAYS_CLOSED", 90),
    "visit": env.int("RETENTION_DAYS_VISIT", 30),
    "quarantine": env.int("RETENTION_DAYS_QUARANTINE", 30),
    "longest": env.int("RETENTION_DAYS_LONGEST", 365),
}

# --- Demo content -------------------------------------------------------------------------------

DEMO_PASSWORD = "porch-light-demo"  # noqa: S105 -- documented in the README; refused in production

# --- Logs ---------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"allowed": {"()": "clinic.logs.AllowListFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "allowed"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own request and SQL loggers may carry addresses and values: ours replace them.
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.db.backends": {"level": "ERROR"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

SILENCED_SYSTEM_CHECKS: list[str] = []

problems.raise_if_any()
