"""`manage.py fill_directories`: the directories that every installation needs, in production too."""

from typing import Any

from django.core.management.base import BaseCommand

from sync.relay import refusals


class Command(BaseCommand):
    help = "Заполнить справочник отказов КИАС. Повторный запуск ничего не меняет."

    def handle(self, *args: Any, **options: Any) -> None:
        made = refusals.fill()
        self.stdout.write(f"Справочники: добавлено {made}." if made else "Справочники уже заполнены.")
