"""Signs of life."""

from django.db import models


class Heartbeat(models.Model):
    """When a part of the system last showed that it is alive: `beat`, through a worker."""

    name = models.CharField(primary_key=True, max_length=32)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%d.%m.%Y %H:%M:%S}"
