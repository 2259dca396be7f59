"""The receipt: whose it is, its dates, how long it may be taken back, its numbers."""

from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

from kias_offline.settings.environment import env, required

#: The insurer as it stands on the client's copy (P24); the address for checks of clients who have none (P23).
INSURER_NAME = required("INSURER_NAME", "АО «Страховая компания „Пример“»")
INSURER_INN = required("INSURER_INN", "7707067683")
INSURER_ADDRESS = required("INSURER_ADDRESS", "123456, г. Москва, ул. Примерная, д. 1")
INSURER_LICENCE = required("INSURER_LICENCE", "СИ № 0000 от 01.01.2020")
INSURER_EMAIL = required("INSURER_EMAIL", "checks@insurer.example")
OFFICE_PHONE = required("OFFICE_PHONE", "+7 800 000-00-00")  # stands in what agents and clients read

BACKDATE_DAYS = env.int("BACKDATE_DAYS", 3)  # how far back a receipt_date may lie from its issued_at's date
#: a receipt whose policy is dated further ahead, or further back, is held (spec «Dates»)
POLICY_DATE_AHEAD_DAYS = env.int("POLICY_DATE_AHEAD_DAYS", 366)
POLICY_DATE_BEHIND_DAYS = env.int("POLICY_DATE_BEHIND_DAYS", 3660)
#: a check must exist so many days after its receipt; phones warn after so many working days of waiting (P39)
CHECK_DEADLINE_DAYS = env.int("CHECK_DEADLINE_DAYS", 5)
CHECK_WARN_WORKING_DAYS = env.int("CHECK_WARN_WORKING_DAYS", 1)
if (
    min(POLICY_DATE_AHEAD_DAYS, POLICY_DATE_BEHIND_DAYS, CHECK_WARN_WORKING_DAYS) < 0
    or CHECK_DEADLINE_DAYS < 1
):
    raise ImproperlyConfigured(
        "POLICY_DATE_*_DAYS and CHECK_*_DAYS are numbers of days: 0 or more, the deadline at least 1."
    )
WITHDRAW_WITHIN = timedelta(minutes=env.int("WITHDRAW_WITHIN_MIN", 15))  # an agent's own withdrawal (P01)
#: whether what a phone can read must lie behind a PIN; False lets agents do without one (P27)
PIN_REQUIRED = env.bool("PIN_REQUIRED", True)
#: how long a receipt rests before its first relay: the commonest withdrawal then costs no check (P01)
RELAY_GRACE_S = env.float("RELAY_GRACE_S", 0.0)
if RELAY_GRACE_S < 0:
    raise ImproperlyConfigured("RELAY_GRACE_S is a number of seconds: 0 or more.")
#: online numbers that one agent may take within a day and not spend; then his phones give offline ones (P03)
UNUSED_NUMBERS_PER_DAY = env.int("UNUSED_NUMBERS_PER_DAY", 50)
COUNTER_JUMP = 100  # a counter that jumps further is held (P18)
