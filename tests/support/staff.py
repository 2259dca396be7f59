"""Members of staff of a running stack, with authenticators whose codes the test computes."""

import json
import time
import uuid
from dataclasses import dataclass, field

from django_otp.oath import hotp
from playwright.sync_api import Page, expect

from tests.support.stack import Stack

PASSWORD = "a long phrase for the tests"
_MAKE = """
import json, sys
import django
django.setup()
from django_otp.plugins.otp_totp.models import TOTPDevice
from accounts.models import User
from backoffice import roles
given = json.loads(sys.argv[1])
person = User.objects.create_user(
    given["login"], password=given["password"], last_name=given["last_name"], first_name="Ольга",
    middle_name="Петровна", is_staff=True, is_superuser=given["role"] is None,
)
if given["role"]:
    roles.give(person, roles.Role(given["role"]))
if given["key"]:
    TOTPDevice.objects.create(user=person, key=given["key"])
print(person.pk)
"""


@dataclass
class Staff:
    """Somebody of the office; `role` None is a superuser. Every code is good once, so each is a new one."""

    id: str
    login: str
    last_name: str
    key: str
    _used: int = field(default=-1)

    def code(self) -> str:
        """The next code that will be taken; waits for it where two were used within a minute."""
        step = max(int(time.time()) // 30, self._used + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.2)
        self._used = step
        return f"{hotp(bytes.fromhex(self.key), step):06}"

    def type_password(self, page: Page) -> None:
        page.get_by_label("Имя пользователя").fill(self.login)
        page.get_by_label("Пароль").fill(PASSWORD)
        page.get_by_role("button", name="Войти").click()
        expect(page.get_by_label("Код из приложения")).to_be_visible()

    def type_code(self, page: Page) -> None:
        page.get_by_label("Код из приложения").fill(self.code())
        page.get_by_role("button", name="Войти", exact=True).click()

    def log_in(self, page: Page) -> None:
        """From anywhere to the first page of the office."""
        page.goto("/admin/")
        self.type_password(page)
        self.type_code(page)
        expect(page.get_by_role("heading", name="Требует внимания")).to_be_visible()


def new_staff(
    stack: Stack, role: str | None = None, *, last_name: str = "Ковалёва", has_device: bool = True
) -> Staff:
    """A member of staff whom only this test knows; without a device he sets one up at his first login."""
    login, key = f"test-{uuid.uuid4().hex[:8]}", (uuid.uuid4().hex + uuid.uuid4().hex)[:40]
    given = {
        "login": login, "password": PASSWORD, "role": role, "last_name": last_name,
        "key": key if has_device else "",
    }  # fmt: skip
    made = stack._python("-c", _MAKE, json.dumps(given))
    return Staff(made.strip(), login, last_name, key)
