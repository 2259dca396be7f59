"""Who may do what in the office: one table of roles, from which the groups' permissions are made.

A page asks for Django's permission of its model and verb, never for a role. Superusers are for set-up only.
Several models have no page of their own; their permission is what an action asks for (`CONFIRM` …).
"""

from enum import StrEnum

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from accounts import agents
from accounts.models import User


class Role(StrEnum):
    OPERATOR = "operator"
    SENIOR = "senior"
    AUDITOR = "auditor"
    OPS = "ops"


NAMES = {
    Role.OPERATOR: "оператор",
    Role.SENIOR: "старший",
    Role.AUDITOR: "аудитор",
    Role.OPS: "эксплуатация",
}

VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"
_LOOK = (VIEW,)
_WORK = (VIEW, CHANGE)
_KEEP = (VIEW, ADD, CHANGE)

#: «дата проводки» is a senior's alone (P09)
ACCOUNTING = "receipts.set_accounting_date"

#: what the operator works with; a senior may do all of it too
_OPERATOR = {
    "receipts.receipt": _WORK,
    "receipts.receiptevent": _LOOK,
    "receipts.withdrawal": _WORK,
    "sync.intakeexception": _WORK,
    "sync.rescueimport": _KEEP,
    "sync.delivery": _LOOK,
    "sync.attempt": _LOOK,
    "sync.kiasrefusal": _LOOK,
    "sync.kiaspause": _LOOK,
    "sync.kiaswindow": _LOOK,
    "sync.reconciliationfinding": _LOOK,
    "sync.reconciliationrun": (VIEW, ADD),
    "accounts.user": _KEEP,
    "accounts.installation": _WORK,
    "accounts.installationcode": _LOOK,
    "accounts.agentnotice": _LOOK,
    "accounts.loginattempt": _LOOK,
    "accounts.officecode": (VIEW, ADD),
    "receipts.numberseries": _LOOK,
    "receipts.numberreservation": _LOOK,
    "receipts.spoilednumber": _LOOK,
    "receipts.product": _LOOK,
    "receipts.paymentform": _LOOK,
    "receipts.documentkind": _LOOK,
    "backoffice.approval": (VIEW, ADD),
}
_SENIOR = _OPERATOR | {
    "backoffice.approval": _KEEP,
    "sync.reconciliationfinding": _WORK,
    "sync.kiasrefusal": _KEEP,
    "sync.kiaspause": _KEEP,
    "sync.kiaswindow": _KEEP,
    "receipts.numberseries": _KEEP,
    "receipts.product": _KEEP,
    "receipts.paymentform": _KEEP,
    "receipts.documentkind": _KEEP,
    "admin.logentry": _LOOK,
    "otp_totp.totpdevice": (VIEW, DELETE),
}
#: role → model → verbs. Nobody deletes: what has been is evidence, and a directory's row is switched off.
TABLE: dict[Role, dict[str, tuple[str, ...]]] = {
    Role.OPERATOR: _OPERATOR,
    Role.SENIOR: _SENIOR,
    Role.AUDITOR: dict.fromkeys(_SENIOR, _LOOK),
    Role.OPS: {
        "sync.delivery": _LOOK,
        "sync.attempt": _LOOK,
        "sync.reconciliationrun": (VIEW, ADD),
        "sync.kiaspause": _KEEP,
        "sync.kiaswindow": _KEEP,
        "sync.heartbeat": _LOOK,
    },
}

#: what a role may do that is no verb of a model's page (P17)
MORE = {Role.SENIOR: (agents.CLOSES_WITH_UNSENT, ACCOUNTING)}

#: what actions ask for that are no page's own verb
ASK = "backoffice.add_approval"
CONFIRM = "backoffice.change_approval"
OFFICE_CODE = "accounts.add_officecode"
RESET_DEVICE = "otp_totp.delete_totpdevice"
#: «Состояние системы» and Flower: for ops alone (P10)
WATCH = "sync.view_heartbeat"


@transaction.atomic
def apply() -> None:
    """Make the groups hold exactly what the table says; running it again changes nothing."""
    for role, models in TABLE.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        group.permissions.set(Permission.objects.filter(_of(models) | _named(MORE.get(role, ()))))


def _of(models: dict[str, tuple[str, ...]]) -> Q:
    wanted = Q(pk__in=[])
    for model, verbs in models.items():
        app, name = model.split(".")
        wanted |= Q(
            content_type__app_label=app, content_type__model=name, codename__in=[f"{v}_{name}" for v in verbs]
        )
    return wanted


def _named(rights: tuple[str, ...]) -> Q:
    wanted = Q(pk__in=[])
    for right in rights:
        app, codename = right.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return wanted


def give(person: User, role: Role) -> None:
    """Make a person staff in this role and in no other."""
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    person.groups.set(Group.objects.filter(name=role.value))


def names(person: User) -> str:
    """«старший», as far as this person has roles."""
    held = set(person.groups.values_list("name", flat=True))
    return ", ".join(name for role, name in NAMES.items() if role.value in held)
