"""What tells that a database is older than what the server has said."""

from django.db import models
from django.db.models import Q


class HighWater(models.Model):
    """How far this database has come (row 1): counted on while the server works, and written outside, too.

    A restored backup holds a smaller `value` than the file outside (`sync.restore.high_water`). `at`: when it
    was counted on last, and so, in a restored backup, from when on the audit stream is applied again.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_high_water")]

    def __str__(self) -> str:
        return f"{self.value}"
