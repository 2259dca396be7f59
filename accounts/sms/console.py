"""Shows every SMS on the terminal. For development; production refuses it."""

import sys


class ConsoleGateway:
    def send(self, to: str, text: str) -> None:
        sys.stdout.write(f"SMS {to}: {text}\n")
        sys.stdout.flush()
