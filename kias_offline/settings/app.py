"""The app on the phone: which releases may read, which worker is served, what a browser installs (PWA)."""

import re

from django.core.exceptions import ImproperlyConfigured

from kias_offline.settings.environment import BASE_DIR, RELEASE, env
from kias_offline.settings.server import CLIENT_DIST

#: the last release of the app that must not wait (1.2.0): older ones read no personal data (P21, ADR 0024)
SECURITY_RELEASE = env.str("SECURITY_RELEASE", "")
if not re.fullmatch(r"([0-9]{1,4}\.){2}[0-9]{1,4}|", SECURITY_RELEASE):
    raise ImproperlyConfigured("SECURITY_RELEASE is a release of the app such as 1.2.0, or empty.")
if [int(part) for part in SECURITY_RELEASE.split(".") if part] > [int(part) for part in RELEASE.split(".")]:
    raise ImproperlyConfigured(
        f"SECURITY_RELEASE is {SECURITY_RELEASE}, but this is {RELEASE}: no phone could become new enough. "
        "Deploy the release first."
    )
#: serve the worker that empties the phones' caches, and only them (docs/runbook.md, «The emergency exit»)
EMERGENCY_WORKER = env.bool("EMERGENCY_WORKER", False)

PWA_SERVICE_WORKER_PATH = str(
    BASE_DIR / "kias_offline" / "emergency_worker.js"
    if EMERGENCY_WORKER
    else CLIENT_DIST / "serviceworker.js"
)
PWA_APP_NAME = "КИАС Офлайн"
PWA_APP_DESCRIPTION = "Квитанции страхового агента, с сетью и без неё"
PWA_APP_LANG = "ru"
PWA_APP_DIR = "ltr"
PWA_APP_START_URL = "/"
PWA_APP_SCOPE = "/"
PWA_APP_DISPLAY = "standalone"
PWA_APP_ORIENTATION = "any"
PWA_APP_THEME_COLOR = "#1b57c9"
PWA_APP_BACKGROUND_COLOR = "#f4f5f7"
PWA_APP_ICONS = [
    {"src": "/static/app/icons/icon-192.png", "sizes": "192x192", "type": "image/png"},
    {"src": "/static/app/icons/icon-512.png", "sizes": "512x512", "type": "image/png"},
    *(
        {"src": f"/static/app/icons/{name}.png", "sizes": sizes, "type": "image/png", "purpose": "maskable"}
        for name, sizes in (("maskable-192", "192x192"), ("maskable-512", "512x512"))
    ),
]
PWA_APP_SHORTCUTS = [
    {
        "name": name,
        "url": url,
        "icons": [{"src": f"/static/app/icons/{icon}.png", "sizes": "96x96", "type": "image/png"}],
    }
    for name, url, icon in (
        ("Новая квитанция", "/new", "shortcut-new"),
        ("Неотправленные", "/unsent", "shortcut-unsent"),
    )
]
#: what the browser shows before it installs; taken by `make screenshots`
PWA_APP_SCREENSHOTS = [
    {
        "src": f"/static/app/screenshots/{name}.webp",
        "sizes": sizes,
        "type": "image/webp",
        "form_factor": form_factor,
        "label": label,
    }
    for name, sizes, form_factor, label in (
        ("list-narrow", "780x1688", "narrow", "Квитанции с состоянием каждой"),
        ("form-narrow", "780x1688", "narrow", "Новая квитанция"),
        ("saved-narrow", "780x1688", "narrow", "Квитанция сохранена без сети"),
        ("list-wide", "1280x800", "wide", "Квитанции на компьютере"),
        ("form-wide", "1280x800", "wide", "Новая квитанция на компьютере"),
    )
]
