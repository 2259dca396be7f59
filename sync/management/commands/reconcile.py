"""Ask for a reconciliation with KIAS and stay until it is done, or until KIAS rests."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.refusals import RefusalError
from receipts.clock import database_now
from sync.kias.connect import kias_gateway
from sync.models.reconciliation import ReconciliationFinding, ReconciliationRun, RunEnd, RunReason
from sync.reconciliation import runs
from sync.reconciliation.reconciling import Reconciling
from sync.relay.terms import Terms

BUDGET_S = 3600.0


class Command(BaseCommand):
    help = "Сверяет квитанции с КИАС за дни от и до включительно; расхождения — в офисе, «Сверка»."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("since", help="первый день, например 2026-11-01")
        parser.add_argument("until", help="последний день, например 2026-11-22")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            since, until = (date.fromisoformat(options[name]) for name in ("since", "until"))
        except ValueError as error:
            raise CommandError("Это не день. Пример: 2026-11-22") from error
        try:
            run = runs.ask(since, until, reason=RunReason.COMMAND, asked_by=None, now=database_now())
        except RefusalError as refusal:
            raise CommandError(refusal.message) from refusal
        reconciling = Reconciling(
            gateway=kias_gateway(), terms=Terms.from_settings(), settle_s=settings.RECONCILE_SETTLE_S
        )
        while reconciling.run(BUDGET_S) in {"done", "budget"}:  # older runs go first
            if ReconciliationRun.objects.filter(pk=run.pk, ended_at__isnull=False).exists():
                break
        self._tell(ReconciliationRun.objects.get(pk=run.pk))

    def _tell(self, run: ReconciliationRun) -> None:
        if run.end == RunEnd.DONE:
            left = ReconciliationFinding.objects.filter(closed_at=None).count()
            self.stdout.write(
                f"Сверено: квитанций {run.receipts}, документов КИАС {run.documents}. "
                f"Новых расхождений {run.found}, исчезло {run.closed}, всего открыто {left}."
            )
        elif run.end:
            raise CommandError(f"Сверка не состоялась: {run.get_end_display()}. {run.waits}")
        else:
            self.stdout.write(f"Сверка продолжится сама. {run.waits}")
