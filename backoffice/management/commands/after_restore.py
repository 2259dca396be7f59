"""What must run before a restored database may speak again (docs/runbook.md, «Restore»)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import restoring


class Command(BaseCommand):
    help = (
        "После восстановления базы из копии: новая эпоха, входы закрыты, отзывы повторены, номера сдвинуты."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anyway", action="store_true", help="и тогда, когда база не отстаёт от отметки вне её"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            words = restoring.after_restore(anyway=options["anyway"])
        except restoring.NotNeededError as newest:
            self.stdout.write(
                f"Делать нечего: база не отстаёт от отметки вне её. Последняя эпоха: {newest}. Если базу всё "
                "же восстанавливали (папка AUDIT_STREAM потеряна, копия совсем свежая), повторите с --anyway."
            )
            return
        except OSError as error:
            raise CommandError(
                f"Отметка вне базы не записана: {error}. Проверьте папку AUDIT_STREAM и повторите."
            ) from error
        self.stdout.write("\n".join([*words, "Готово: сервер снова слушает телефоны и офис."]))
