"""Agents: how long they stay in, what they may do when they leave, their login codes."""

from datetime import timedelta

from kias_offline.settings.environment import env

AGENT_SESSION_IDLE = timedelta(days=env.int("AGENT_SESSION_IDLE_DAYS", 30))
AGENT_SESSION_MAX = timedelta(days=env.int("AGENT_SESSION_MAX_DAYS", 90))
AGENT_SESSION_ASK_AHEAD = timedelta(days=3)  # before the 90 are over, while there is network (P16)
#: silent for so long he is locked until the office opens him (P25)
AGENT_SILENT = timedelta(days=env.int("AGENT_SILENT_DAYS", 90))
NEW_NUMBER_WAIT = timedelta(hours=24)  # after a new number: no personal data on new installations (P25)
HANDOVER = timedelta(days=env.int("HANDOVER_DAYS", 90))  # how long a dismissed agent hands over (P17)
LOGIN_CODE_LIFE = timedelta(minutes=10)
LOGIN_CODE_TRIES = 5
LOGIN_CODE_RESEND_AFTER = timedelta(seconds=60)
LOGIN_LIMITS = {  # an hour: codes for agents by number, address and in total, the office's tries by address
    "phone_number": env.int("LOGIN_CODES_PER_PHONE", 10),
    "address": env.int("LOGIN_CODES_PER_ADDRESS", 60),
    "total": env.int("LOGIN_CODES_TOTAL", 2_000),  # bounds guessing: SECURITY.md, «Login codes»
    "office_address": env.int("OFFICE_LOGINS_PER_ADDRESS", 100),
}
LOGIN_ROWS_KEPT = timedelta(days=env.int("LOGIN_ROWS_KEPT_DAYS", 180))  # login attempts and their codes (P26)
