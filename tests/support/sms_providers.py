"""Providers for tests that need no network."""

from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError
from accounts.sms.registry import Provider


class Inbox:
    """A gateway that remembers what it took, or raises what it is told to."""

    def __init__(self, error: type[SmsUnavailableError | SmsRefusedError] | None = None) -> None:
        self.sent: list[tuple[str, str]] = []
        self.error = error

    def send(self, to: str, text: str) -> None:
        if self.error:
            raise self.error("away")
        self.sent.append((to, text))

    def named(self, name: str = "inbox") -> Provider:
        return Provider(name, self)
