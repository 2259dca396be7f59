from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    verbose_name = "Офис"
    default_auto_field = "django.db.models.BigAutoField"
