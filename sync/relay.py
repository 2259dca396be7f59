"""relay"""


def run() -> None:
    """Placeholder replaced in the next commit."""
