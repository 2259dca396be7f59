"""Tell the phones that a backup was tried: what it holds they need not keep any longer."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from receipts.clock import database_now
from sync.restore import backups


class Command(BaseCommand):
    help = "Отмечает проверенную резервную копию: телефоны освободят место от принятых до неё квитанций."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("moment", help="когда начат снимок базы, со смещением: 2026-11-22T03:00:00+03:00")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            until = datetime.fromisoformat(options["moment"])
        except ValueError as error:
            raise CommandError("Это не момент. Пример: 2026-11-22T03:00:00+03:00") from error
        if until.tzinfo is None:
            raise CommandError("Нужен момент со смещением, например 2026-11-22T03:00:00+03:00 или …Z")
        try:
            noted = backups.note(until, now=database_now())
        except backups.FutureBackupError as error:
            raise CommandError("Этот момент ещё не наступил: такой копии быть не может.") from error
        self.stdout.write(
            f"Отмечено: всё, что принято до {noted.until.isoformat()}, есть в проверенной копии."
        )
