"""Every screen and state of the app as pictures, taken from the running system.

`python -m tests.browser.screenshots` (make screenshots) starts a system of its own, walks an agent's day
through it and writes `var/screenshots/<screen>-<variant>.png`; the picture of the documentation goes to
`docs/img`, those that a browser shows before it installs the app to `frontend/public/screenshots`.
"""

import base64
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect, sync_playwright

from tests.browser import app
from tests.browser.tour import Tour
from tests.browser.tour_aside import Aside
from tests.support import servers
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.releases import Release, Releases
from tests.support.stack import Stack

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
#: screens that are seen with the phone lying on its side, too
ON_ITS_SIDE = ("form", "form-errors", "saved", "list", "unlock", "menu", "withdraw", "receipt-with-check")
#: form factor of the manifest (PWA_APP_SCREENSHOTS) → screens, width, height, pixels per CSS pixel
IN_THE_MANIFEST: dict[str, tuple[tuple[str, ...], int, int, int]] = {
    "narrow": (("list", "form", "saved"), 390, 844, 2),
    "wide": (("list", "form"), 1280, 800, 1),
}
ON_THE_SHEET = ("login-code", "list", "menu", "form", "saved", "unsent")


def shoot(page: Page, name: str) -> None:
    """One screen in all variants; ends as it began."""
    variants = VARIANTS | ({"landscape": (667, 375, "light", 100)} if name in ON_ITS_SIDE else {})
    for variant, (width, height, theme, type_size) in variants.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate("size => { document.documentElement.style.fontSize = size + '%'; }", type_size)
        page.wait_for_timeout(50)  # nothing moves; fonts and pictures settle
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


def others(stack: Stack, playwright: Playwright, folder: Path) -> list[str]:
    """What only another phone shows: a new release, no room left, a passkey. Errors of its console."""
    releases = Releases(stack.port, Release(folder / "one", "1.0.0"))
    line = Line(releases.port)
    # with a memory that tells its true size, and a name that a passkey may belong to
    flags = ["--disable-features=PredictableReportedQuota,StaticStorageQuota"]
    phone = Phone(playwright, folder / "second", f"http://localhost:{line.port}", flags=flags)
    page = phone.open(None)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    able = dict.fromkeys(
        ("hasResidentKey", "hasUserVerification", "isUserVerified", "automaticPresenceSimulation", "hasPrf"),
        True,
    )
    device = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", **able}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.goto("/")
    app.log_in(page, stack, stack.new_agent("Борисова"))
    app.wait_ready(page)
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("button", name="Мои устройства").click()
    page.get_by_role("button", name="Вход по отпечатку или лицу").click()
    field = page.get_by_label("Текущий PIN-код", exact=True)
    field.fill(phone.pin or "")
    field.press("Enter")
    expect(page.get_by_role("button", name="Включить")).to_be_visible()
    shoot(page, "passkey-offer")
    page.get_by_role("button", name="Включить").click()
    expect(page.get_by_role("button", name="Вход по отпечатку или лицу: включён")).to_be_visible()
    releases.release = Release(folder / "two", "1.0.1")
    page.get_by_role("button", name="Назад").click()
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    expect(page.get_by_text("Есть новая версия")).to_be_visible(timeout=40_000)
    shoot(page, "update")
    page.get_by_role("button", name="Новая квитанция").click()
    app.number_shown(page)
    page.route(
        "**/api/ping", lambda route: route.fulfill(json=route.fetch().json() | {"update_required": True})
    )
    page.evaluate("dispatchEvent(new Event('offline'))")  # it asks its server at once
    expect(page.get_by_text("Важное обновление")).to_be_visible(timeout=40_000)
    shoot(page, "update-important")
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_role("button", name="Назад").click()
    expect(page.get_by_text("Важное обновление")).to_have_count(0, timeout=40_000)
    quota = {"origin": phone.base_url, "quotaSize": 20_000_000}
    session.send("Storage.overrideQuotaForOrigin", quota)
    page.get_by_role("button", name="Меню").click()
    page.get_by_role("button", name="Работа без интернета").click()
    expect(page.get_by_text("Мало места:")).to_be_visible()
    shoot(page, "little-space")
    phone.pin = None  # whoever looks at the PIN's screen types none
    page.goto("about:blank")
    page = phone.new_tab()
    expect(page.get_by_role("button", name="По отпечатку или лицу")).to_be_visible()
    shoot(page, "unlock-passkey")
    phone.close()
    line.close()
    releases.stop()
    return phone.errors


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
                phone = Phone(playwright, Path(folder) / "phone", line.url, pin=None)
                try:
                    Tour(stack, line, stack.new_agent("Антонова"), phone, shoot).walk()
                    phones = (
                        Phone(playwright, Path(folder) / "third", line.url),
                        Phone(playwright, Path(folder) / "fourth", line.url),
                    )
                    Aside(stack, line, stack.new_agent("Васильева"), phones, shoot).walk()
                    phones[0].close()
                    phone.errors += others(stack, playwright, Path(folder))
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
