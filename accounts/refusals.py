"""The base of everything a request may be refused for. HTTP is added once, in `kias_offline.api_errors`."""

from typing import Any


class RefusalError(Exception):
    """A request that cannot be served, said for machines (`code`) and in Russian for people (`message`).

    Subclasses stand beside the code that raises them and set `code` and `message`; `field` names the field
    to blame; `extra` travels beside them in the JSON (see docs/protocol.md, «Refusals»).
    """

    code = "invalid"
    message = "Запрос не получилось выполнить. Проверьте данные и повторите."

    def __init__(self, message: str = "", *, field: str | None = None, **extra: Any) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.field = field
        self.extra = extra
