"""The web server: its secrets, hosts, apps, language, static files and API."""

from django.core.exceptions import ImproperlyConfigured

from kias_offline.settings.environment import BASE_DIR, DEPLOYMENT, PRODUCTION, env, required

SECRET_KEY = required("SECRET_KEY", "only-for-demo-and-tests-0123456789-abcdefghijklmnopqrstuvwxyz")
LOGIN_CODE_SECRET = required("LOGIN_CODE_SECRET", "only-for-demo-and-tests-login-codes")
CONTENT_HASH_SECRET = required("CONTENT_HASH_SECRET", "only-for-demo-and-tests-content-hashes")
if PRODUCTION:
    own_secrets = {
        "SECRET_KEY": SECRET_KEY,
        "LOGIN_CODE_SECRET": LOGIN_CODE_SECRET,
        "CONTENT_HASH_SECRET": CONTENT_HASH_SECRET,
    }
    for name, value in own_secrets.items():
        if "demo" in value:
            raise ImproperlyConfigured(f"{name} still holds the demo's default: set a secret of your own.")
        if len(value) < 32:  # an agent's own codes are enough to try short ones at home
            raise ImproperlyConfigured(f"{name} is too short: 32 random characters at least.")
    if len(set(own_secrets.values())) < len(own_secrets):
        raise ImproperlyConfigured(f"{', '.join(own_secrets)} must be three different secrets.")

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if PRODUCTION else ["127.0.0.1", "localhost", "testserver"])
if PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names this server answers to, comma-separated.")
PUBLIC_HOST = required("PUBLIC_HOST", "127.0.0.1")  # stands in the SMS text for autofill
if PRODUCTION and len(PUBLIC_HOST) > 19:
    raise ImproperlyConfigured("PUBLIC_HOST has more than 19 signs: each login SMS would cost two (P19).")
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ROOT_URLCONF = "kias_offline.urls"
WSGI_APPLICATION = "kias_offline.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the plain one would put its own site in the place of ours
    "unfold.contrib.filters",
    "kias_offline.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "drf_spectacular",
    "pwa",
    "accounts",
    "receipts",
    "sync",
    "backoffice",
]

MIDDLEWARE = [
    "kias_offline.health.HealthMiddleware",  # first: a load balancer asks by address, under no host of ours
    "kias_offline.middleware.CorrelationMiddleware",
    "kias_offline.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",  # the only one that asks for the host at every request
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kias_offline.middleware.ApiBodyMiddleware",
    "kias_offline.restored.RestoredMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "kias_offline" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "ru"
# Forms take these from the language; the admin theme's date filters read them here and nowhere else.
DATE_INPUT_FORMATS = ["%d.%m.%Y", "%Y-%m-%d"]
DATETIME_INPUT_FORMATS = ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Moscow"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
CLIENT_DIST = BASE_DIR / "frontend" / "dist"
WHITENOISE_USE_FINDERS = not PRODUCTION  # production serves what its image collected
DEMO_DESK = env.bool("DEMO_DESK", DEPLOYMENT == "demo")
if PRODUCTION and DEMO_DESK:
    raise ImproperlyConfigured("The demo desk shows SMS codes: unset DEMO_DESK in production.")
STATICFILES_DIRS = [("app", CLIENT_DIST)] if CLIENT_DIST.is_dir() else []
if DEMO_DESK:
    STATICFILES_DIRS.append(("demo", BASE_DIR / "kias_offline" / "demo" / "static"))

COOKIES_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Files come from staff alone (`sync/rescue/file_format.py` bounds them). This handler drops what does not fit
# into memory; the usual ones fill the disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.AgentAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasInstallation"],
    "DEFAULT_PARSER_CLASSES": ["kias_offline.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kias_offline.parsers.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "kias_offline.api_errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "КИАС Офлайн: API телефона",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
}
API_MAX_BODY = 1024 * 1024
API_MAX_EXPANDED = 4 * 1024 * 1024
