"""Twilio by its own SDK. Reaches +7 only with a registered alphanumeric sender (domain facts, 6)."""

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from accounts.sms import wire
from accounts.sms.gateway import SmsRefusedError, SmsUnavailableError

API_URL = "https://api.twilio.com"
_TOO_MANY_REQUESTS = 429


class HttpxClient(HttpClient):
    """The SDK's requests over `wire`: with two time-outs, and without a memory.

    The SDK's own client keeps its last request, code included, and waits for ever (P10).
    """

    def __init__(self, *, timeout_s: float, api_url: str = API_URL) -> None:
        self.is_async = False
        self.timeout = timeout_s
        self._api_url = api_url.rstrip("/")

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        if method.upper() != "POST" or params:
            raise ValueError("only messages are made here, and they are posted")
        status, text = wire.post(
            uri.replace(API_URL, self._api_url, 1),
            data=data,
            headers=headers,
            auth=auth,
            timeout_s=timeout or self.timeout or 10.0,
        )
        return Response(status, text)


class TwilioGateway:
    def __init__(
        self, *, account_sid: str, auth_token: str, sender: str, timeout_s: float, api_url: str = API_URL
    ) -> None:
        http_client = HttpxClient(timeout_s=timeout_s, api_url=api_url)
        self._client = Client(account_sid, auth_token, http_client=http_client)
        self._sender = sender

    def send(self, to: str, text: str) -> None:
        # What Twilio answers may repeat the text, so only its status and number go on (`from None`: P10).
        try:
            self._client.messages.create(to=to, from_=self._sender, body=text)
        except TwilioRestException as error:
            what = f"Twilio: HTTP {error.status}, error {error.code}"
            if error.status == _TOO_MANY_REQUESTS or error.status >= 500:
                raise SmsUnavailableError(what) from None
            raise SmsRefusedError(what) from None
        except (httpx.HTTPError, ValueError, TwilioException) as error:
            raise SmsUnavailableError(f"Twilio: {type(error).__name__}") from None
