from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = "Обмен с КИАС и телефонами"
    default_auto_field = "django.db.models.BigAutoField"
