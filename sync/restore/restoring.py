"""After a restore, the conversation with KIAS: nothing held, nothing known, and first a rest (spec
«Epoch»).
"""

from datetime import datetime, timedelta

from django.conf import settings

from sync.models import Delivery, KiasCircuit, KiasPause, KiasSession, KiasSlot

_WHY = "После восстановления: КИАС заканчивает начатое раньше"


def forget_calls(*, now: datetime) -> datetime:
    """No claim, slot, login or circuit of the forgotten time counts. Until the returned moment nothing is
    sent: a call that a forgotten worker had begun may be committed until then, and only then can KIAS be
    asked.

    In the caller's transaction.
    """
    Delivery.objects.exclude(claim=None).update(claim=None, lease_until=None)
    KiasSlot.objects.exclude(claim=None).update(claim=None, lease_until=None)
    KiasSession.objects.update(sid="", claim=None, lease_until=None)
    KiasCircuit.objects.all().delete()
    until = now + timedelta(seconds=settings.KIAS_TIMEOUT_S + settings.KIAS_SETTLE_S)
    KiasPause.objects.create(started_at=now, ended_at=until, reason=_WHY)
    return until
