"""JSON of the phone's API: bodies in UTF-8 only, nested within reason, and fast; answers always JSON."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import IO, Any

import msgspec
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class BoundedJSONParser(BaseParser):
    """Anything that is no JSON, or nested absurdly deep, is `not_json`; nothing here makes a 5xx."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body: bytes = stream.read()
        try:
            return msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if not _LONE_SURROGATE.search(body):
                raise ParseError from error
        try:  # «\ud83d» without its other half: JavaScript writes it, one item of a batch may hold it (F16)
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ParseError from error


class AlwaysJSON(DefaultContentNegotiation):
    """Answers JSON whatever `Accept` or `?format=` ask for: a refusal in another form would help nobody."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        only = next(iter(renderers))
        return only, only.media_type
