"""The demo staff's authenticators: what each would show now. Their keys are known to everybody."""

import math
import time
from typing import Any

from django_otp.oath import hotp
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice import demo


def now() -> dict[str, dict[str, Any]]:
    """By login: the next `code` that will be taken, and in how many seconds (`wait_s`; 0 for now).

    Every code is good once, and one period early: so two are at hand, then there is a wait.
    """
    wanted = {one.login: one.totp_key for one in demo.STAFF}
    devices = TOTPDevice.objects.filter(user__username__in=wanted, confirmed=True).select_related("user")
    moment = time.time()
    return {
        device.user.username: _next(device, moment)
        for device in devices
        if device.key == wanted[device.user.username]  # another one was set up: its codes are its owner's
    }


def _next(device: TOTPDevice, moment: float) -> dict[str, Any]:
    step = int(moment) // device.step
    free = max(step, device.last_t + 1)
    wait = max(0, (free - device.tolerance) * device.step - moment)
    code = hotp(device.bin_key, free, digits=device.digits)
    return {"code": f"{code:0{device.digits}}", "wait_s": math.ceil(wait)}
