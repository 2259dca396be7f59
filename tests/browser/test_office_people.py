"""The office's people in a real browser: the code at the door, two of them for what is grave (P16, P20)."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import app
from tests.support.browser import Phone
from tests.support.stack import Agent, Stack
from tests.support.staff import new_staff

LISTEN = """document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI} on ${location.pathname}`);
})"""


def desk(new_phone: Callable[..., Phone]) -> Page:
    page = new_phone(width=1280, height=900, touch=False, time_zone="Europe/Moscow").open(None)
    page.add_init_script(LISTEN)
    return page


def test_at_the_first_login_the_authenticator_is_set_up_from_the_picture_or_the_key(
    new_phone: Callable[..., Phone], stack: Stack
) -> None:
    person, page = new_staff(stack, "operator", has_device=False), desk(new_phone)
    page.goto("/admin/")
    person.type_password(page)
    picture = page.get_by_alt_text("QR-код для приложения с кодами")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    (person.key,) = stack.query("SELECT key FROM otp_totp_totpdevice WHERE user_id = %s", person.id)[0]
    person.type_code(page)
    expect(page.get_by_role("heading", name="Требует внимания")).to_be_visible()


def test_p20_what_was_typed_survives_the_new_login_and_nothing_secret_is_kept(
    new_phone: Callable[..., Phone], agent: Agent, stack: Stack
) -> None:
    person, page = new_staff(stack, "operator"), desk(new_phone)
    person.log_in(page)
    address = f"/admin/accounts/user/{agent.id}/number/"
    page.goto(address)
    page.get_by_label("Новый номер").fill("8 912 000-11-22")
    page.get_by_label("Причина").fill("Потерял SIM-карту")
    page.context.clear_cookies(name="kias_admin")  # the 15 minutes are over
    page.get_by_role("button", name="Попросить старшего").click()
    person.type_password(page)
    kept = page.evaluate("JSON.stringify({...sessionStorage})")
    assert "a long phrase" not in kept
    person.type_code(page)
    expect(page.get_by_label("Новый номер")).to_have_value("8 912 000-11-22")
    expect(page.get_by_label("Причина")).to_have_value("Потерял SIM-карту")
    expect(page.get_by_role("status")).to_contain_text("Введённое возвращено на место")
    page.goto("/admin/")
    page.goto(address)  # left without saving, by a person's own choice: as empty as ever
    expect(page.get_by_label("Причина")).to_have_value("")


def test_p20_what_one_person_typed_is_not_given_to_the_next(
    new_phone: Callable[..., Phone], agent: Agent, stack: Stack
) -> None:
    first, second, page = new_staff(stack, "operator"), new_staff(stack, "operator"), desk(new_phone)
    first.log_in(page)
    page.goto(f"/admin/accounts/user/{agent.id}/number/")
    page.get_by_label("Причина").fill("Не для чужих глаз")
    page.context.clear_cookies(name="kias_admin")
    page.get_by_role("button", name="Попросить старшего").click()
    second.type_password(page)
    second.type_code(page)
    expect(page.get_by_label("Причина")).to_have_value("")
    assert "чужих" not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_p16_an_agent_without_sms_comes_in_with_a_code_that_two_people_gave(
    new_phone: Callable[..., Phone], agent: Agent, stack: Stack
) -> None:
    phone = new_phone().open()
    phone.get_by_label("Телефон", exact=True).fill(agent.phone_number.removeprefix("+7"))
    phone.get_by_role("button", name="Получить код").click()
    expect(phone.get_by_label("Код из SMS")).to_be_visible()
    sql = "SELECT sign FROM accounts_loginattempt WHERE phone_number = %s"
    ((sign,),) = stack.query(sql, agent.phone_number)

    operator, senior = new_staff(stack, "operator", last_name="Орлова"), new_staff(stack, "senior")
    desk_one, desk_two = desk(new_phone), desk(new_phone)
    operator.log_in(desk_one)
    desk_one.get_by_role("link", name="Код для входа агента").click()
    desk_one.get_by_role("link", name="Дать код агенту").click()
    desk_one.get_by_label("Знаки со входа агента").fill(sign.lower())
    desk_one.get_by_role("button", name="Найти вход").click()
    expect(desk_one.get_by_text(agent.name)).to_be_visible()
    desk_one.get_by_label("Причина").fill("SMS не приходят, узнала по номеру договора")
    desk_one.get_by_role("button", name="Попросить старшего").click()
    expect(desk_one.get_by_text("Попросили старшего")).to_be_visible()

    senior.log_in(desk_two)
    desk_two.get_by_role("link", name="Ждут подтверждения").first.click()
    desk_two.locator("tr", has_text=agent.name).get_by_role("link").first.click()
    desk_two.get_by_role("link", name="Подтвердить").click()
    desk_two.get_by_label("Код из приложения").fill(senior.code())
    desk_two.get_by_role("button", name="Подтвердить").click()
    expect(desk_two.get_by_text("Код выдан").first).to_be_visible()

    desk_one.reload()
    desk_one.locator("tr", has_text=agent.name).get_by_role("link").first.click()
    desk_one.get_by_role("button", name="Показать код").click()
    digits = desk_one.locator(".office-digits")
    expect(digits).to_have_text(re.compile(r"\d{3} \d{3}"))
    phone.get_by_label("Код из SMS").fill(digits.inner_text().replace(" ", ""))
    enter = phone.get_by_role("button", name="Войти")
    if enter.is_visible() and enter.is_enabled():
        enter.click()
    expect(phone.get_by_role("heading", name="Квитанции")).to_be_visible()


def test_p20_a_receipt_is_annulled_by_two_and_the_agent_reads_why(
    new_phone: Callable[..., Phone], agent: Agent, stack: Stack
) -> None:
    phone = new_phone().open()
    app.log_in(phone, stack, agent)
    stack.kill("worker")  # the receipt shall wait on the server
    try:
        number = app.issue(phone, app.Client())
        expect(phone.get_by_text(f"Квитанция № {number} отправлена", exact=False).first).to_be_visible()
        operator, senior = new_staff(stack, "operator", last_name="Орлова"), new_staff(stack, "senior")
        desk_one, desk_two = desk(new_phone), desk(new_phone)
        operator.log_in(desk_one)
        desk_one.goto(f"/admin/receipts/receipt/?q={number}")
        desk_one.get_by_role("link", name=number).click()
        desk_one.get_by_role("link", name="Аннулировать").click()
        desk_one.get_by_label("Причина").fill("Полис оформлен дважды")
        desk_one.get_by_role("button", name="Попросить старшего").click()
        expect(desk_one.get_by_text("Ждёт подтверждения:")).to_be_visible()
        senior.log_in(desk_two)
        desk_two.goto("/admin/backoffice/approval/?open=yes")
        desk_two.locator("tr", has_text=number).get_by_role("link").first.click()
        desk_two.get_by_role("link", name="Подтвердить").click()
        desk_two.get_by_label("Код из приложения").fill(senior.code())
        desk_two.get_by_role("button", name="Подтвердить").click()
        expect(desk_two.get_by_text("Квитанция аннулирована.").first).to_be_visible()
        desk_one.reload()
        expect(desk_one.get_by_text("Решили: Орлова", exact=False).first).to_be_visible()
    finally:
        stack.start("worker")
    app.done(phone)
    app.row(phone, number).first.click()
    expect(phone.get_by_text("Полис оформлен дважды", exact=False).first).to_be_visible(timeout=30_000)
