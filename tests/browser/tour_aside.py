"""What an agent's usual day does not show: refusals, withdrawals, a second phone, no room, an older shell.

`Aside(...).walk()` calls `see(page, name)` at each of these states; the phone types its PIN by itself.
"""

import uuid
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import app
from tests.browser.app import Client
from tests.support.browser import Phone
from tests.support.line import Line
from tests.support.stack import Agent, Stack, wait_for

CLIENT = Client("Сидорова Аглая Потаповна", "0123456789", "3245,50")
FILL_STORAGE = """async () => {
  const db = await new Promise((done) => {
    const request = indexedDB.open('filler', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('x', { autoIncrement: true });
    request.onsuccess = () => done(request.result);
  });
  const put = (size) => new Promise((done) => {
    const tx = db.transaction('x', 'readwrite');
    tx.objectStore('x').put(crypto.getRandomValues(new Uint8Array(size)));
    tx.oncomplete = () => done(true);
    tx.onabort = () => done(false);
  });
  for (let size = 65536; size > 100;) if (!(await put(size))) size /= 2;
}"""
LATER_DATABASE = """() => new Promise((resolve) => {
  const request = indexedDB.open('kias', 99);
  request.onsuccess = () => { request.result.close(); resolve(); };
})"""


class Aside:
    """One agent, two phones; the first one's page is what is looked at."""

    def __init__(
        self,
        stack: Stack,
        line: Line,
        agent: Agent,
        phones: tuple[Phone, Phone],
        see: Callable[[Page, str], None],
    ) -> None:
        self.stack, self.line, self.agent, self._see = stack, line, agent, see
        self.phone, self.second = phones
        self.page: Page = self.phone.open()

    def see(self, name: str) -> None:
        self._see(self.page, name)

    def walk(self) -> None:
        app.log_in(self.page, self.stack, self.agent)
        app.wait_ready(self.page)
        self.refused()
        self.withdrawn()
        self.one_client()
        self.second_phone()
        self.new_number()
        self.loading()
        self.no_room()
        self.older_shell()

    def goto(self, path: str) -> None:
        self.page.goto(path)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def tap(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def says(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=60_000)

    def issue(self, client: Client = CLIENT, series: str = "ХХХ") -> str:
        page = self.page
        self.goto("/")
        self.tap("Новая квитанция")
        number = app.number_shown(page)
        app.fill_form(page, client)
        page.get_by_label("Серия полиса").fill(series)
        app.save(page)
        self.says(f"Квитанция № {number}")
        return number

    def open(self, number: str) -> None:
        self.goto("/")
        app.row(self.page, number).click()
        expect(self.page.get_by_role("heading", name="Квитанция", exact=True)).to_be_visible()

    def refused(self) -> None:
        self.issue(series="НЕТ")
        mine = self.issue(Client("Быков Лев Карпович", "0123456790", "12000"), series="ЯЯЯ")
        self.says_of(mine, "rejected")
        self.goto("/attention")
        self.says("Оформить взамен")
        self.see("attention")
        self.open(mine)
        self.see("receipt-rejected")

    def says_of(self, number: str, state: str) -> None:
        query = "SELECT 1 FROM receipts_receipt WHERE number = %s AND state = %s"
        wait_for(lambda: self.stack.query(query, number, state), f"{number} {state}", 60)

    def withdrawn(self) -> None:
        page = self.page
        self.line.cut()
        self.says(app.OFFLINE)
        self.issue()
        shown = page.url.rsplit("/", 1)[1]
        self.tap("Показать клиенту")
        self.tap("Закрыть")
        taken = self.issue(Client("Галиев Рустам Шамилевич", "0123456791", "7000"))
        for path in (f"/receipt/{shown}", f"/receipt/{page.url.rsplit('/', 1)[1]}"):
            self.goto(path)
            self.tap("Отменить")
            page.get_by_role("dialog").get_by_label("ошибка в сумме").check()
            page.get_by_role("dialog").get_by_role("button", name="Отменить квитанцию").click()
            self.says("Отмена ждёт отправки.")
        self.see("receipt-withdrawal-waits")
        self.line.restore()
        page.evaluate("dispatchEvent(new Event('online'))")
        self.says_of(taken, "annulled")
        self.says("Отменена вами")
        self.see("receipt-annulled")
        self.goto(f"/receipt/{shown}")
        self.says("Проверяет офис")
        self.see("receipt-held")
        self.goto("/")
        self.says("отменена")
        self.see("list-states")

    def one_client(self) -> None:
        page = self.page
        self.issue()
        self.tap("Ещё этому клиенту")
        self.says("Тот же клиент")
        self.see("form-same-client")
        page.get_by_label("Номер полиса").fill("0123456799")
        page.get_by_label("Сумма").fill("1500")
        app.save(page)
        self.says("Принято от клиента")
        self.see("saved-series")

    def second_phone(self) -> None:
        page = self.page
        app.log_in(self.second.open(), self.stack, self.agent)
        self.goto("/devices")
        expect(page.get_by_role("button", name="Отозвать")).to_be_visible()
        self.see("devices-two")
        page.get_by_role("button", name="Отозвать").click()
        self.see("device-revoke")
        self.tap("Не отзывать")
        self.goto("/attention")
        expect(page.get_by_role("button", name="Понятно").first).to_be_visible()
        self.see("attention-notices")
        self.second.close()

    def new_number(self) -> None:
        page = self.page
        self.goto("/number")
        number = f"+79{uuid.uuid4().int % 10**9:09d}"
        page.get_by_label("Новый номер").fill(number.removeprefix("+7"))
        self.tap("Получить код")
        page.get_by_label("Код из SMS").fill(self.stack.sms_code(number))
        self.see("number-code")
        if page.get_by_role("button", name="Сменить номер").is_visible():
            self.tap("Сменить номер")
        self.says("Номер изменён")
        self.see("number-changed")

    def loading(self) -> None:
        page = self.page
        page.route("**/api/**", lambda route: None)  # an answer that never comes
        page.goto("/receipt/01990000-0000-7000-8000-000000000000")
        expect(page.get_by_role("heading", name="Квитанция", exact=True)).to_be_visible()
        self.see("receipt-loading")
        page.unroute_all(behavior="ignoreErrors")

    def no_room(self) -> None:
        page = self.page
        session = page.context.new_cdp_session(page)
        self.goto("/new")
        app.number_shown(page)
        app.fill_form(page, CLIENT)
        quota = {"origin": self.line.url, "quotaSize": 4_000_000}
        session.send("Storage.overrideQuotaForOrigin", quota)
        page.evaluate(FILL_STORAGE)
        app.save(page)
        self.says("На телефоне кончилось место")
        self.see("form-no-room")
        session.send("Storage.overrideQuotaForOrigin", {"origin": self.line.url})

    def older_shell(self) -> None:
        self.page.evaluate(LATER_DATABASE)
        self.page = self.phone.reopen("/unsent")
        self.says("На телефоне уже новая версия приложения")
        self.see("older-shell")
