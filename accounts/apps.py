from django.apps import AppConfig

from accounts import checks as checks  # registers them


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Кто работает"
    default_auto_field = "django.db.models.BigAutoField"
