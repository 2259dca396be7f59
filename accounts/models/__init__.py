"""Who works here: people, their phones' app instances, their sessions and login attempts."""

from accounts.models.installations import AgentNotice, Installation, InstallationCode
from accounts.models.login import AgentSession, LoginAttempt, OfficeCode, RateBucket
from accounts.models.people import AgentStatus, User

__all__ = [
    "AgentNotice",
    "AgentSession",
    "AgentStatus",
    "Installation",
    "InstallationCode",
    "LoginAttempt",
    "OfficeCode",
    "RateBucket",
    "User",
]
