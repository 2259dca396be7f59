"""`manage.py demo_data`: the demo's people and directories. Refused in production."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice import demo


class Command(BaseCommand):
    help = "Создать людей и справочники демонстрации. Повторный запуск ничего не меняет."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "Demo data brings a known password: never in production. "
                "Create the first member of staff with `manage.py createsuperuser`."
            )
        made = demo.fill()
        self.stdout.write(f"Демо-данные: добавлено {made}." if made else "Демо-данные уже на месте.")
