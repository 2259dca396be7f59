"""The office: its door and session, what takes two people, how its pages look."""

from datetime import timedelta

from kias_offline.settings.environment import env
from kias_offline.settings.server import COOKIES_SECURE

AUTH_PASSWORD_VALIDATORS = [  # the office's; agents have none
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# The admin's cookies; the app's own are in accounts.sessions (two cookies, two worlds).
SESSION_COOKIE_NAME = "kias_admin"
SESSION_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "kias_admin_csrf"
CSRF_COOKIE_PATH = "/admin/"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = COOKIES_SECURE
# Staff: idle this long, or in for this long, and the password and the code are asked for again (P20).
STAFF_SESSION_IDLE = timedelta(minutes=env.int("STAFF_SESSION_IDLE_MIN", 15))
STAFF_SESSION_MAX = timedelta(hours=env.int("STAFF_SESSION_MAX_HOURS", 12))
SESSION_COOKIE_AGE = int(STAFF_SESSION_IDLE.total_seconds())
SESSION_SAVE_EVERY_REQUEST = True  # the idle time counts from the last request
OTP_TOTP_ISSUER = "КИАС Офлайн"
OTP_TOTP_SYNC = False  # phones keep the time by themselves; a code early or late must not move the clock

#: Grave actions of the office take two different people (P20).
TWO_PEOPLE = env.bool("TWO_PEOPLE", True)
RELEASE_ALONE_MAX = env.int("RELEASE_ALONE_MAX_RUB", 15_000) * 100  # more takes two people (P20), kopecks
OFFICE_AMBER_DAYS = env.int("OFFICE_AMBER_DAYS", 1)  # working days that a task may wait before it turns amber
OFFICE_RED_DAYS = env.int("OFFICE_RED_DAYS", 5)

UNFOLD = {
    "SITE_TITLE": "КИАС Офлайн",
    "SITE_HEADER": "КИАС Офлайн",
    "SITE_SUBHEADER": "Рабочее место офиса",
    "SITE_SYMBOL": "receipt_long",
    "SITE_URL": None,
    "BORDER_RADIUS": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "backoffice.navigation.favicon"}],
    "STYLES": ["backoffice.navigation.stylesheet"],
    "SCRIPTS": ["backoffice.navigation.script"],
    "SIDEBAR": {"navigation": "backoffice.navigation.sidebar"},
    "TABS": "backoffice.navigation.tabs",
}
