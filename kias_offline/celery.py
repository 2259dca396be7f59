"""The alarm clock: `celery -A kias_offline worker -Q sms,relay` and `celery -A kias_offline beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kias_offline.settings")
app = Celery("kias_offline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
