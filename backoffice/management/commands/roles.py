"""`manage.py roles`: what each role of the office may do, brought up to date after every migration."""

from typing import Any

from django.core.management.base import BaseCommand

from backoffice import roles


class Command(BaseCommand):
    help = "Make the groups (operator, senior, auditor, ops) hold what backoffice/roles.py says."

    def handle(self, *args: Any, **options: Any) -> None:
        roles.apply()
        if options["verbosity"]:
            self.stdout.write(f"Roles are up to date: {', '.join(role.value for role in roles.Role)}.")
