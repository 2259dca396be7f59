"""Every screen and state of the app as pictures, taken from the running system.

`python -m tests.browser.screenshots` (make screenshots) starts a system of its own, walks an agent's day
through it and writes `var/screenshots/<screen>-<variant>.png`; the picture of the documentation goes to
`docs/img`, those that a browser shows before it installs the app to `frontend/public/screenshots`.
"""

import base64
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import app
from tests.browser.app import Client
from tests.support import servers
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = ROOT / "var" / "screenshots"
MANIFEST = ROOT / "frontend" / "public" / "screenshots"
SHEET = ROOT / "docs" / "img" / "screens.png"

#: variant → width, height, theme, size of the type in per cent
VARIANTS = {
    "light": (390, 844, "light", 100),
    "dark": (390, 844, "dark", 100),
    "small": (320, 640, "light", 100),
    "large-type": (390, 844, "light", 200),
    "tablet": (900, 1100, "light", 100),
}
#: form factor of the manifest (PWA_APP_SCREENSHOTS) → screens, width, height, pixels per CSS pixel
IN_THE_MANIFEST: dict[str, tuple[tuple[str, ...], int, int, int]] = {
    "narrow": (("list", "form", "saved"), 390, 844, 2),
    "wide": (("list", "form"), 1280, 800, 1),
}
ON_THE_SHEET = ("login-code", "list", "menu", "form", "saved", "unsent")
CLIENTS = (
    Client("Хабибуллина Әлия Ғафуровна", "0123456780", "5000"),
    Client("Перепёлкина Елена Тимофеевна", "0123456781", "3245"),
    Client("Сидорова Аглая Потаповна", "0123456789", "3245,50"),
    Client("Галиев Рустам Шамилевич", "0123456790", "7000"),
    Client("Кузнецов Пётр Алексеевич", "0123456791", "2245"),
)


def shoot(page: Page, name: str) -> None:
    """One screen in all variants; ends as it began."""
    for variant, (width, height, theme, type_size) in VARIANTS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate("size => { document.documentElement.style.fontSize = size + '%'; }", type_size)
        page.wait_for_timeout(250)  # longer than any motion of the app
        page.screenshot(path=TARGET / f"{name}-{variant}.png")
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.style.fontSize = ''")
    for_the_manifest(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
    print(f"  {name}", flush=True)


def for_the_manifest(page: Page, name: str) -> None:
    """The same screen as the browser's installing dialog shows it; small, for a village's line."""
    for form_factor, (names, width, height, scale) in IN_THE_MANIFEST.items():
        if name not in names:
            continue
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(250)
        area = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
        session = page.context.new_cdp_session(page)
        taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": 80, "clip": area})
        session.detach()
        (MANIFEST / f"{name}-{form_factor}.webp").write_bytes(base64.b64decode(taken["data"]))


def login(page: Page, stack: Stack, agent: Agent) -> None:
    shoot(page, "login")
    page.get_by_label("Телефон", exact=True).fill(agent.phone_number)
    page.get_by_role("button", name="Получить код").click()
    code = page.get_by_label("Код из SMS")
    right = stack.sms_code(agent.phone_number)
    code.fill(right[:4])
    shoot(page, "login-code")
    code.fill("000000" if right != "000000" else "111111")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_text("Код не подошёл")).to_be_visible()
    shoot(page, "login-wrong-code")
    code.fill(right)
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_text("Квитанций пока нет")).to_be_visible()
    shoot(page, "list-empty")
    app.wait_ready(page)


def with_network(page: Page, stack: Stack) -> None:
    number = app.issue(page, CLIENTS[0])
    app.done(page)
    expect(page.get_by_text("чек готов")).to_be_visible(timeout=60_000)
    page.get_by_text(number).click()
    expect(page.get_by_role("img", name="QR-код чека")).to_be_visible()
    shoot(page, "receipt-with-check")
    page.get_by_role("button", name="Назад").click()
    stack.stop("simulator")
    app.issue(page, CLIENTS[1])
    expect(page.get_by_text("КИАС подтвердит её чуть позже").first).to_be_visible(timeout=30_000)
    shoot(page, "saved-sent")
    app.done(page)
    expect(page.get_by_text("ждёт КИАС")).to_be_visible()
    shoot(page, "list")


def without_network(page: Page) -> None:
    page.get_by_role("button", name="Новая квитанция").click()
    app.number_shown(page)
    shoot(page, "form-empty")
    app.save(page)
    expect(page.get_by_text("Введите номер полиса")).to_be_visible()
    shoot(page, "form-errors")
    app.fill_form(page, CLIENTS[2])
    page.get_by_label("Сумма").click()
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "form")
    page.get_by_role("button", name="Ещё поля").click()
    page.get_by_label("Плательщик", exact=True).fill("Иванова Мария Петровна")
    shoot(page, "form-more")
    page.get_by_label("Плательщик", exact=True).fill("")
    app.save(page)
    expect(page.get_by_text("сохранена на этом телефоне").first).to_be_visible()
    shoot(page, "saved")
    page.get_by_role("button", name="Показать клиенту").click()
    shoot(page, "saved-for-client")
    page.get_by_role("button", name="Закрыть").click()
    app.done(page)
    for client in CLIENTS[3:]:
        app.issue(page, client)
        app.done(page)
    shoot(page, "list-offline")
    page.get_by_role("button", name="Меню").click()
    shoot(page, "menu")
    page.get_by_role("button", name="Выйти").click()
    shoot(page, "logout")
    page.get_by_role("button", name="Остаться").click()
    app.open_unsent(page)
    shoot(page, "unsent")
    page.get_by_text("Кузнецов").click()
    shoot(page, "receipt-waiting")
    page.get_by_role("button", name="Отменить", exact=True).click()
    shoot(page, "withdraw")
    page.get_by_label("другое").check()
    shoot(page, "withdraw-other")
    page.get_by_role("button", name="Не отменять").click()
    page.go_back()


def sheet(page: Page) -> None:
    """The picture of the README: the main screens in both themes."""
    rows = []
    for variant in ("light", "dark"):
        pictures = [(TARGET / f"{name}-{variant}.png").read_bytes() for name in ON_THE_SHEET]
        images = (f'<img src="data:image/png;base64,{base64.b64encode(raw).decode()}">' for raw in pictures)
        rows.append(f"<div>{''.join(images)}</div>")
    style = "body{margin:0;padding:16px;background:#8a8f98;width:max-content}div{display:flex;gap:16px}"
    style += "div+div{margin-top:16px}img{display:block;width:260px;border-radius:18px}"
    page.set_viewport_size({"width": 1672, "height": 1174})
    page.set_content(f"<style>{style}</style>{''.join(rows)}")
    page.wait_for_timeout(500)
    page.screenshot(path=SHEET)


def walk(stack: Stack, line: Line, phone: Phone) -> None:
    page = phone.open()
    login(page, stack, stack.new_agent("Антонова"))
    with_network(page, stack)
    line.cut()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_text(app.OFFLINE).first).to_be_visible(timeout=40_000)
    without_network(page)
    line.restore()
    stack.start("simulator")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Всё отправлено")).to_be_visible(timeout=90_000)
    shoot(page, "unsent-nothing")
    for path, name in (
        ("attention", "attention-empty"),
        ("devices", "devices"),
        ("number", "number"),
        ("install", "install"),
    ):
        page.goto(f"/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        shoot(page, name)


def main() -> int:
    """Exit code 1 when the browser's console saw an error of ours."""
    TARGET.mkdir(parents=True, exist_ok=True)
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    MANIFEST.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        started = servers.Servers(Path(tempfile.mkdtemp()))
        started.folder.chmod(0o755)
        try:
            postgres = servers.start_postgres(started)
            with Stack(Path(folder) / "stack", postgres) as stack:
                line = Line(stack.port)
                phone = Phone(playwright, Path(folder) / "phone", line.url)
                try:
                    walk(stack, line, phone)
                    sheet(phone.new_tab("about:blank"))
                finally:
                    phone.close()
                    line.close()
        finally:
            started.stop()
    for error in phone.errors:
        print(f"console: {error}", file=sys.stderr)
    return 1 if phone.errors else 0


if __name__ == "__main__":
    sys.exit(main())
