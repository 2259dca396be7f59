"""The people and directories of the demo. What a person has changed since is left as it is."""

from dataclasses import asdict, dataclass
from hashlib import sha256

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import AgentStatus, User
from backoffice import roles
from backoffice.roles import Role
from receipts import series as number_series
from receipts.models import DocumentKind, NumberSeries, PaymentForm, Product
from sync.relay import refusals


@dataclass(frozen=True)
class DemoStaff:
    """A member of staff; the one without a role is the superuser, for set-up only.

    Password and key are known to everybody: they stand on the demo desk, and production refuses demo data.
    """

    login: str
    role: Role | None
    last_name: str
    first_name: str
    middle_name: str

    @property
    def password(self) -> str:
        return f"{self.login}-demo"

    @property
    def totp_key(self) -> str:
        """Twenty bytes, in hex: always the same, so that an authenticator set up once goes on working."""
        return sha256(f"kias-offline/demo-totp/{self.login}".encode()).hexdigest()[:40]


STAFF = (
    DemoStaff("operator", Role.OPERATOR, "Орлов", "Павел", "Игоревич"),
    DemoStaff("senior", Role.SENIOR, "Седова", "Ирина", "Львовна"),
    DemoStaff("auditor", Role.AUDITOR, "Астахов", "Денис", "Юрьевич"),
    DemoStaff("ops", Role.OPS, "Жуков", "Тимур", "Олегович"),
    DemoStaff("office", None, "Ковалёва", "Ольга", "Петровна"),
)


@dataclass(frozen=True)
class DemoAgent:
    username: str
    phone_number: str
    last_name: str
    first_name: str
    middle_name: str
    agent_contract: str


AGENTS = (
    DemoAgent("agent-1", "+79000000001", "Антонова", "Мария", "Сергеевна", "АГ-0001 от 12.01.2026"),
    DemoAgent("agent-2", "+79000000002", "Галиев", "Рустам", "Шамилевич", "АГ-0002 от 02.03.2026"),
)

#: code, name, usual series, pattern of the series, pattern of the number (they warn only)
PRODUCTS = (
    ("osago", "ОСАГО", "ХХХ", "[А-Я]{3}", r"\d{10}"),
    ("kasko", "КАСКО", "", r"[А-Я0-9]{1,8}", r"\d{6,12}"),
    ("property", "Имущество", "", r"[А-Я0-9]{1,8}", r"\d{6,12}"),
    ("accident", "Несчастный случай", "", r"[А-Я0-9]{1,8}", r"\d{6,12}"),
    ("health", "ДМС", "", r"[А-Я0-9]{1,8}", r"\d{6,12}"),
    ("travel", "Выезд за рубеж", "", r"[А-Я0-9]{1,8}", r"\d{6,12}"),
)

#: code, name, tag of the check, is it cash, what to ask, pattern of the answer (P33)
PAYMENT_FORMS = (
    ("cash", "Наличные", 1031, True, "", ""),
    ("card", "Карта", 1081, False, "Код операции со слипа (RRN, 12 цифр)", r"\d{12}"),
)


#: code, name, tag 1245, pattern of the number; only the first has a rule of its own (P29)
DOCUMENT_KINDS = (
    ("passport_rf", "Паспорт РФ", "21", ""),
    ("passport_foreign", "Иностранный паспорт", "31", ""),
    ("residence_permit", "Вид на жительство", "32", ""),
    ("other", "Другой", "40", ""),
)


@transaction.atomic
def fill() -> int:
    """Create what is missing and return how many rows that were. Running it again changes nothing."""
    roles.apply()
    people = sum(_add_agent(agent) for agent in AGENTS) + sum(_add_staff(one) for one in STAFF)
    directories = refusals.fill() + _add_products() + _add_payment_forms() + _add_document_kinds()
    return people + directories + _add_series()


def _add_agent(agent: DemoAgent) -> int:
    # By the login as well as by the number: the number is an attribute that may have moved on (P25).
    known = Q(username=agent.username) | Q(phone_number=agent.phone_number)
    if User.objects.filter(known).exists():
        return 0
    person = User(**asdict(agent), agent_status=AgentStatus.WORKING, status_since=timezone.now())
    person.set_unusable_password()  # an agent enters by SMS, never by a password
    person.save()
    return 1


def _add_staff(one: DemoStaff) -> int:
    if User.objects.filter(username=one.login).exists():
        return 0
    person = User.objects.create_user(
        one.login,
        password=one.password,
        last_name=one.last_name,
        first_name=one.first_name,
        middle_name=one.middle_name,
        is_staff=True,
        is_superuser=one.role is None,
    )
    if one.role:
        roles.give(person, one.role)
    TOTPDevice.objects.create(user=person, name="Демо", key=one.totp_key)
    return 1


def _add_products() -> int:
    made = 0
    for position, (code, name, series, series_pattern, number_pattern) in enumerate(PRODUCTS, start=1):
        wanted = {
            "name": name,
            "default_series": series,
            "series_pattern": series_pattern,
            "number_pattern": number_pattern,
            "position": position * 10,
        }
        made += Product.objects.get_or_create(code=code, defaults=wanted)[1]
    return made


def _add_payment_forms() -> int:
    made = 0
    for position, (code, name, tag, is_cash, label, pattern) in enumerate(PAYMENT_FORMS, start=1):
        wanted = {
            "name": name,
            "check_tag": tag,
            "is_cash": is_cash,
            "reference_label": label,
            "reference_pattern": pattern,
            "position": position * 10,
        }
        made += PaymentForm.objects.get_or_create(code=code, defaults=wanted)[1]
    return made


def _add_document_kinds() -> int:
    made = 0
    for position, (code, name, check_code, pattern) in enumerate(DOCUMENT_KINDS, start=1):
        wanted = {"name": name, "check_code": check_code, "pattern": pattern, "position": position * 10}
        made += DocumentKind.objects.get_or_create(code=code, defaults=wanted)[1]
    return made


def _add_series() -> int:
    if NumberSeries.objects.exists():
        return 0
    number_series.keep(NumberSeries(name="Квитанции со связью", prefix="АВ-", digits=8, last=99_999_999), [])
    return 1
