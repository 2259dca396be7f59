"""Try kept envelopes once more: a key's file is back, or a restored server knows its phones again."""

from typing import Any

from django.core.management.base import BaseCommand

from receipts.clock import database_now
from sync.intake import reopening


class Command(BaseCommand):
    help = "Ещё раз принимает конверты из исключений: нечитаемые, с неизвестных телефонов, с чужим номером."

    def handle(self, *args: Any, **options: Any) -> None:
        taken, stay = reopening.take_in_again(now=database_now())
        self.stdout.write(f"Принято: {taken}. Осталось в исключениях: {stay}.")
