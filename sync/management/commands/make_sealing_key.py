"""Make a new sealing key for the phones: written into all key folders, only its id is shown."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sync import sealing_keys


class Command(BaseCommand):
    help = "Делает новый ключ сервера для конвертов и кладёт его во все папки SEALING_KEY_DIRS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-missing", action="store_true", help="только если телефонам сейчас нечего выдать"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_missing"] and self._has_one():
            return
        try:
            made = sealing_keys.make()
        except OSError as error:
            raise CommandError(
                f"Ключ не записан: {error}. Проверьте папки SEALING_KEY_DIRS и повторите."
            ) from error
        self.stdout.write(made)

    def _has_one(self) -> bool:
        try:
            sealing_keys.current()
        except sealing_keys.NoSealingKeyError:
            return False
        return True
