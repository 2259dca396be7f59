"""The demo desk: one page, the JSON behind it, the simulator's switches. There only where DEMO_DESK is on.

The admin's cookies do not reach /demo/, so its one POST is guarded by where it comes from: a browser tells
the origin with every POST, and no other page can send JSON here without being asked first.
"""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from backoffice import demo, roles, show
from kias_offline.demo import inbox, simulator, staff_codes


@require_GET
@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """The page; its script fetches everything that moves."""
    people = [
        {
            "name": f"{agent.last_name} {agent.first_name} {agent.middle_name}",
            "number": agent.phone_number,
            "shown": show.phone_number(agent.phone_number),
        }
        for agent in demo.AGENTS
    ]
    context = {
        "agents": people,
        "staff": [
            {
                "name": f"{one.last_name} {one.first_name} {one.middle_name}",
                "role": roles.NAMES[one.role] if one.role else "всё, для настройки",
                "login": one.login,
                "password": one.password,
            }
            for one in demo.STAFF
        ],
        "switches": simulator.SWITCHES,
        "faults": simulator.FAULTS,
        "ledger": f"{simulator.address()}/ledger",
    }
    return render(request, "demo/desk.html", context)


@require_GET
@never_cache
def sms(request: HttpRequest) -> JsonResponse:
    """`{"messages": [{"to", "text", "at", "code"}]}`, newest first."""
    return _answer({"messages": inbox.newest(settings.SMS_DEMO_INBOX)})


@require_GET
@never_cache
def codes(request: HttpRequest) -> JsonResponse:
    """`{"codes": {"senior": {"code", "wait_s"}}}`: what each authenticator would show next."""
    return _answer({"codes": staff_codes.now()})


@require_GET
@never_cache
def kias(request: HttpRequest) -> JsonResponse:
    """`{"away": false, "documents", "total", "switches", "faults"}` or `{"away": true}`."""
    return _kias_now()


@csrf_exempt  # instead: the origin, see above
@require_POST
def order(request: HttpRequest) -> JsonResponse:
    """`{"do": "outage_on"}` → what `kias` answers. 403 for a foreign origin, 400 for no button of ours."""
    if not comes_from_here(request):
        return _answer({"error": "foreign_origin"}, status=403)
    try:
        simulator.order(json.loads(request.body)["do"])
    except simulator.AwayError:
        return _answer({"away": True})
    except (ValueError, KeyError, TypeError):
        return _answer({"error": "no_such_button"}, status=400)
    return _kias_now()


def _kias_now() -> JsonResponse:
    try:
        return _answer({"away": False} | simulator.told())
    except simulator.AwayError:
        return _answer({"away": True})


def comes_from_here(request: HttpRequest) -> bool:
    """Whether this desk's own page sent it, as JSON."""
    own = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == own and request.content_type == "application/json"


def _answer(body: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
