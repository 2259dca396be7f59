from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Кто работает"
    default_auto_field = "django.db.models.BigAutoField"
