"""What a person's page and the list of people show."""

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import agents, installations
from accounts.models import AgentStatus, User
from backoffice import html, show

AGENT_BADGES = {
    AgentStatus.WORKING: "done",
    AgentStatus.HANDOVER_ONLY: "waiting",
    AgentStatus.CLOSED: "annulled",
}


class PersonPage:
    """The fields of the page and of the list; mixed into its admin class."""

    @admin.display(description="Фамилия, имя, отчество", ordering="last_name")
    def name_shown(self, person: User) -> SafeString | str:
        return html.text(str(person))

    @admin.display(description="Работа агентом", ordering="agent_status")
    def agent_shown(self, person: User) -> SafeString | str:
        if not person.agent_status:
            return html.NOTHING
        status, now = AgentStatus(person.agent_status), timezone.now()
        badge = html.badge(AGENT_BADGES[status], status.label)
        if agents.is_due_to_close(person, now):
            return format_html("{} {}", badge, html.badge("rejected", "пора закрыть"))
        if person.may_hand_over and agents.is_silent(person, now=now):
            return format_html("{} {}", badge, html.badge("held", "вход закрыт: давно молчит"))
        return badge

    @admin.display(description="Телефон", ordering="phone_number")
    def phone_shown(self, person: User) -> str:
        return show.phone_number(person.phone_number)

    @admin.display(description="Офис", ordering="is_staff")
    def staff_shown(self, person: User) -> SafeString | str:
        return html.badge("registered", "сотрудник") if person.is_staff else html.NOTHING

    @admin.display(description="Договор агента", ordering="agent_contract")
    def contract_shown(self, person: User) -> SafeString | str:
        return html.text(person.agent_contract)

    @admin.display(description="С какого времени")
    def status_since_shown(self, person: User) -> SafeString | str:
        return html.at(person.status_since)

    @admin.display(description="Последний вход в офис")
    def last_login_shown(self, person: User) -> SafeString | str:
        return html.at(person.last_login)

    @admin.display(description="Телефон")
    def number_shown(self, person: User) -> str:
        since = f", с {show.moscow(person.number_changed_at)} (МСК)" if person.number_changed_at else ""
        return show.phone_number(person.phone_number) + since

    @admin.display(description="Последняя связь", ordering="last_contact_at")
    def contact_shown(self, person: User) -> str:
        at = agents.last_contact(person) if person.is_agent else None
        if at is None:
            return "ещё не было" if person.is_agent else html.NOTHING
        return f"{show.moscow(at)} (МСК), {show.ago(at, timezone.now())} назад"

    @admin.display(description="Не отправлено")
    def waiting_shown(self, person: User) -> SafeString | str:
        left = agents.waiting(person)
        if not left.count:
            return "нет"
        words = f"{show.count(left.count, show.RECEIPT)} на {show.amount(left.sum)}"
        return html.badge("rejected", words)

    @admin.display(description="Телефоны")
    def phones_shown(self, person: User) -> SafeString | str:
        phones = [html.link(row, installations.described(row)) for row in installations.living(person)]
        return format_html_join(", ", "{}", ((phone,) for phone in phones)) or html.NOTHING
