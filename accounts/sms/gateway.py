"""What a way to send SMS must do. Its errors say what the caller must do next, and never hold the text."""

from typing import Protocol


class SmsUnavailableError(Exception):
    """Not taken, or nobody knows: send again later. A second SMS with the same code does no harm."""


class SmsRefusedError(Exception):
    """Refused for good (number, account, sender): sending again is of no use, a person must look."""


class SmsGateway(Protocol):
    def send(self, to: str, text: str) -> None:
        """Hand one SMS over. `to` is E.164. Raises `SmsUnavailableError`, `SmsRefusedError`."""
