"""SMSC.ru by its HTTP API, `sys/send.php` (their «Ответ сервера и коды ошибок»; domain facts, 6)."""

import json
from typing import Any

import httpx

from accounts.sms import wire
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError

API_URL = "https://smsc.ru"
#: Their error codes that need a person: 1 parameters, 2 login, 3 money, 5 date, 6 forbidden text or sender,
#: 7 and 8 the number. After 4 (our address is barred for a while), 9 (the same SMS twice within a minute, or
#: too many requests at once) and whatever comes new, sending again may succeed.
_REFUSING = {1, 2, 3, 5, 6, 7, 8}


class SmscGateway:
    """With an API key, or with login and password. An empty `sender` is the account's default name."""

    def __init__(
        self,
        *,
        api_key: str = "",
        login: str = "",
        password: str = "",
        sender: str = "",
        timeout_s: float,
        api_url: str = API_URL,
    ) -> None:
        account = {"apikey": api_key} if api_key else {"login": login, "psw": password}
        self._fixed = account | {"fmt": "3", "charset": "utf-8"} | ({"sender": sender} if sender else {})
        self._timeout_s = timeout_s
        self._url = f"{api_url.rstrip('/')}/sys/send.php"

    def send(self, to: str, text: str) -> None:
        # Their answers may repeat number and text: only status and error code go on (`from None`: P10).
        try:
            status, body = wire.post(
                self._url, data=self._fixed | {"phones": to, "mes": text}, timeout_s=self._timeout_s
            )
        except httpx.HTTPError as error:
            raise SmsUnavailableError(f"SMSC: {type(error).__name__}") from None
        if status != httpx.codes.OK:
            what = f"SMSC: HTTP {status}"
            if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
                raise SmsUnavailableError(what)
            raise SmsRefusedError(what)
        _check(_parsed(body))


def _parsed(body: str) -> dict[str, Any]:
    """The JSON object of the answer; nothing for anything else."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _check(answer: dict[str, Any]) -> None:
    code = answer.get("error_code")
    if isinstance(code, int) and code in _REFUSING:
        raise SmsRefusedError(f"SMSC: error {code}")
    if code is not None or "error" in answer or "id" not in answer:
        what = f"error {code}" if isinstance(code, int) else "an answer that is not understood"
        raise SmsUnavailableError(f"SMSC: {what}")
