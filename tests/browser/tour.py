"""An agent's day with all its trouble: every screen and state of the app, one after another.

`Tour(...).walk()` calls `see(page, name)` at each of them; whoever looks leaves the page as it was.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack

PIN, WRONG = "246810", "112358"
CLIENTS = (
    Client("Хабибуллина Әлия Ғафуровна", "0123456780", "5000"),
    Client("Перепёлкина Елена Тимофеевна", "0123456781", "3245"),
    Client("Сидорова Аглая Потаповна", "0123456789", "3245,50"),
    Client("Галиев Рустам Шамилевич", "0123456790", "7000"),
    Client("Кузнецов Пётр Алексеевич", "0123456791", "2245"),
)
BUSY = ("503 Service Unavailable", "Content-Type: application/json", b'{"code":"busy","message":"busy"}')
NO_STORE = "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };"


class Tour:
    """One agent on one phone that types no PIN by itself (`pin=None`)."""

    def __init__(
        self, stack: Stack, line: Line, agent: Agent, phone: Phone, see: Callable[[Page, str], None]
    ) -> None:
        self.stack, self.line, self.agent, self.phone, self._see = stack, line, agent, phone, see
        self.page: Page = phone.open()

    def see(self, name: str) -> None:
        self._see(self.page, name)

    def walk(self) -> None:
        self.login()
        self.with_network()
        self.without_network()
        self.waiting()
        self.locked()
        self.lines()
        self.back()
        self.ended()
        self.broken()

    # --- hands

    def tap(self, name: str, role: str = "button", *, exact: bool = False) -> None:
        self.page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]

    def says(self, text: str | re.Pattern[str], seconds: float = 40) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=seconds * 1_000)

    def headed(self, name: str) -> None:
        expect(self.page.get_by_role("heading", name=name, exact=True).first).to_be_visible(timeout=30_000)

    def pin(self, pin: str = PIN, label: str = "PIN-код") -> None:
        field = self.page.get_by_label(label, exact=True)
        field.fill(pin)
        field.press("Enter")

    def unlock(self) -> None:
        """Whoever looks long at the screens finds them locked; so does a clock that was turned."""
        here = self.page.get_by_role("heading", level=1)
        expect(here).to_be_visible()
        if here.inner_text() == "PIN-код":
            self.pin()
            expect(self.page.get_by_label("PIN-код", exact=True)).to_have_count(0)

    def event(self, name: str) -> None:
        """What a phone's browser says itself."""
        self.page.evaluate("name => dispatchEvent(new Event(name))", name)

    def away(self) -> None:
        self.line.cut()
        self.event("offline")
        self.says(app.OFFLINE)

    def goto(self, path: str) -> None:
        """By a link of the app: a fresh start would ask for the PIN."""
        self.page.evaluate("path => { history.pushState({ depth: 1 }, '', path); }", path)
        self.event("popstate")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    # --- the day

    def login(self) -> None:
        page, stack, agent = self.page, self.stack, self.agent
        self.says("Получить код")
        self.see("login")
        page.get_by_label("Телефон", exact=True).fill(agent.phone_number)
        self.tap("Получить код")
        code = page.get_by_label("Код из SMS")
        right = stack.sms_code(agent.phone_number)
        code.fill(right[:4])
        self.see("login-code")
        code.fill("000000" if right != "000000" else "111111")
        self.tap("Войти")
        self.says("Код не подошёл")
        self.see("login-wrong-code")
        code.fill(right)
        self.tap("Войти")
        self.headed("Придумайте PIN-код")
        self.see("pin-new")
        self.pin("123456", "Придумайте PIN-код")
        self.says("Такой PIN-код подберут первым")
        self.see("pin-weak")
        self.pin(PIN, "Придумайте PIN-код")
        self.headed("Повторите PIN-код")
        self.see("pin-again")
        self.pin(PIN, "Повторите PIN-код")
        self.says("Квитанций пока нет")
        self.see("list-empty")
        app.wait_ready(page)

    def with_network(self) -> None:
        page = self.page
        number = app.issue(page, CLIENTS[0])
        app.done(page)
        expect(page.get_by_text("чек готов")).to_be_visible(timeout=60_000)
        page.get_by_text(number).click()
        expect(page.get_by_role("img", name="QR-код чека")).to_be_visible()
        self.see("receipt-with-check")
        self.tap("Назад")
        self.stack.stop("simulator")
        app.issue(page, CLIENTS[1])
        self.says("КИАС подтвердит её чуть позже")
        self.see("saved-sent")
        app.done(page)
        self.says("ждёт КИАС")
        self.see("list")
        page.get_by_role("searchbox").fill("Нетакого")
        self.says("Ничего не нашлось")
        self.see("search-nothing")
        page.get_by_role("searchbox").fill("")
        for path, name in (
            ("/devices", "devices"), ("/number", "number"), ("/offline", "readiness"), ("/check", "check"),
            ("/attention", "attention-empty"), ("/install", "install"), ("/nowhere", "unknown"),
        ):  # fmt: skip
            self.goto(path)
            if name == "install":
                expect(page.locator("main li img").first).to_be_visible()
            if name == "readiness":
                self.says("Телефон готов")
            self.see(name)
            if name == "devices":
                self.tap("Сменить PIN-код")
                expect(page.get_by_label("Текущий PIN-код")).to_be_visible()
                self.see("pin-change")
                page.keyboard.press("Escape")
            if name == "install":
                self.tap("У меня другой телефон")
                self.see("install-others")
        self.goto("/")

    def without_network(self) -> None:
        page = self.page
        self.away()
        self.tap("Новая квитанция")
        app.number_shown(page)
        self.see("form-empty")
        app.save(page)
        self.says("Введите номер полиса")
        self.see("form-errors")
        app.fill_form(page, CLIENTS[2])
        page.get_by_label("Сумма").click()
        page.evaluate("scrollTo(0, 0)")
        self.see("form")
        self.tap("Ещё поля")
        page.get_by_label("Плательщик", exact=True).fill("Иванова Мария Петровна")
        self.see("form-more")
        page.get_by_label("Плательщик", exact=True).fill("")
        self.tap("Назад")
        self.headed("Квитанции")
        self.tap("Новая квитанция")
        self.tap("Очистить", exact=True)
        self.see("form-clear")
        page.keyboard.press("Escape")
        app.save(page)
        self.says("сохранена на этом телефоне")
        self.see("saved")
        self.tap("Показать клиенту")
        self.see("saved-for-client")
        self.tap("Закрыть")
        app.done(page)
        for client in CLIENTS[3:]:
            app.issue(page, client)
            app.done(page)
        self.see("list-offline")
        self.tap("Меню")
        self.see("menu")
        self.tap("Выйти")
        self.see("logout")
        self.tap("Остаться")

    def waiting(self) -> None:
        page = self.page
        self.goto("/unsent")
        self.says("На этом телефоне")
        self.see("unsent")
        with page.expect_download():
            self.tap("Сохранить файл для офиса")
        self.says("Передайте файл в офис")
        self.see("unsent-file")
        page.get_by_text("Кузнецов").click()
        self.says("на телефоне")
        self.see("receipt-waiting")
        self.tap("Отменить", exact=True)
        self.see("withdraw")
        page.get_by_label("другое").check()
        self.see("withdraw-other")
        self.tap("Не отменять")
        for path, name in (("/install", "install-offline"), ("/devices", "devices-offline")):
            self.goto(path)
            self.see(name)

    def locked(self) -> None:
        page = self.page
        page.goto("/")
        self.headed("PIN-код")
        self.says("ждут отправки")
        self.see("unlock")
        self.tap("Забыли PIN-код?")
        self.says("Связи нет, но работать можно")
        self.see("forgotten-offline")
        self.tap("Начать с чистого списка")
        self.headed("Придумайте PIN-код")
        self.see("pin-afresh")
        self.tap("Ввести прежний")
        self.tap("Войти другому агенту")
        self.see("unlock-other-agent")
        page.keyboard.press("Escape")
        self.pin(WRONG)
        self.says("PIN-код не подошёл")
        self.see("unlock-wrong")
        self.pin()
        self.headed("Квитанции")
        page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=4))
        page.reload()
        self.headed("PIN-код")
        self.pin()
        self.says(re.compile("самая ранняя от"))
        self.see("late")
        page.clock.set_fixed_time(datetime.now(UTC))
        page.clock.resume()

    def lines(self) -> None:
        self.unlock()
        self.line.restore()
        self.line.portal()
        self.event("online")
        self.says("Эта сеть Wi-Fi просит")
        self.see("line-portal")
        self.line.portal(*BUSY)
        self.event("online")
        self.says("сервер временно занят")
        self.see("line-busy")

    def back(self) -> None:
        self.unlock()
        self.line.restore()
        self.event("online")
        self.goto("/unsent")
        self.unlock()
        self.says("На сервере, ждут КИАС")
        self.see("unsent-on-server")
        self.stack.start("simulator")
        self.says("Всё отправлено", 90)
        self.see("unsent-nothing")

    def ended(self) -> None:
        page, stack, agent = self.page, self.stack, self.agent
        page.goto("/")
        self.headed("PIN-код")
        self.tap("Забыли PIN-код?")
        self.says("Войдите по коду из SMS и придумайте")
        self.see("forgotten-online")
        page.keyboard.press("Escape")
        self.pin()
        self.headed("Квитанции")
        dismissed = (
            "UPDATE accounts_user SET agent_status = 'handover_only', status_since = now() WHERE id = %s"
        )
        stack.execute(dismissed, agent.id)
        self.event("online")
        expect(page.get_by_role("button", name="Новая квитанция")).to_have_count(0, timeout=40_000)
        self.goto("/")
        self.see("dismissed")
        self.goto("/new")
        self.see("dismissed-form")
        stack.execute("UPDATE accounts_installation SET revoked_at = now() WHERE agent_id = %s", agent.id)
        stack.execute("UPDATE accounts_agentsession SET ended_at = now() WHERE agent_id = %s", agent.id)
        self.event("online")
        self.says("Этот телефон отозван")
        self.see("revoked")
        for _ in range(3):
            self.pin(WRONG)
            expect(page.get_by_label("PIN-код", exact=True)).to_have_value("")
        self.says("Ещё раз можно через")
        self.see("unlock-delay")

    def broken(self) -> None:
        page = self.page
        page.add_init_script(NO_STORE)
        page.goto("/")
        self.says("Открыть заново")
        self.see("storage-trouble")
