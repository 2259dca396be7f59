"""Values that must not be told by accident: an error report shows a frame's variables by their `repr`."""

from typing import Any


class PrivateText(str):
    """A sid or a password's hash."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "‹secret›"


class PrivateBytes(bytes):
    """What goes to KIAS or came from there."""

    def __repr__(self) -> str:
        return f"‹{len(self)} bytes›"


class PrivateFields(dict[str, Any]):
    """A call's parameters: a secret and a person's data among them."""

    def __repr__(self) -> str:
        return f"‹{len(self)} fields›"
