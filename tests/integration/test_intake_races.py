"""Two connections at once: one row, one answer, no change passed by a cursor (F04, ADR 0006)."""

from copy import copy
from functools import partial

import pytest
from django.db import connection, transaction

from receipts import registry
from receipts.models import Receipt, ReceiptEvent
from sync import feed, intake
from sync.models import Delivery, Epoch, IntakeException
from sync.restore import epoch
from tests.support.elsewhere import Elsewhere
from tests.support.factories import installation_id, make_phone
from tests.support.phone import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keys")]


def carrier_of(phone):
    return Receipt.installation.field.related_model.objects.get(pk=installation_id(phone))


def test_f04_two_parallel_posts_make_one_row():
    """The second waits inside its INSERT until the first has committed, then hears of the same receipt."""
    phone = make_phone()
    batch = [phone.issue().envelope for _ in range(3)]
    carrier = carrier_of(phone)
    with transaction.atomic():
        first = intake.take_in(batch, carrier=carrier)
        other = Elsewhere(lambda: intake.take_in(batch[::-1], carrier=carrier)).begin()
        wait_until(other.waits_for_a_lock)
    assert {answer.result for answer in first} == {"accepted"}
    assert {answer.result for answer in other.result()} == {"already_accepted"}
    assert [a.id for a in first] == [a.id for a in other.result()][::-1]
    assert Receipt.objects.count() == ReceiptEvent.objects.count() == Delivery.objects.count() == 3
    assert not IntakeException.objects.exists()


def test_f04_when_the_first_fails_the_second_stores():
    phone = make_phone()
    batch, carrier = [phone.issue().envelope], carrier_of(phone)
    with transaction.atomic():
        intake.take_in(batch, carrier=carrier)
        other = Elsewhere(lambda: intake.take_in(batch, carrier=carrier)).begin()
        wait_until(other.waits_for_a_lock)
        transaction.set_rollback(True)
    assert other.result()[0].result == "accepted"
    assert Receipt.objects.count() == 1


def test_f04_many_parallel_posts_of_one_batch_agree():
    phone = make_phone()
    batch, carrier = [phone.issue().envelope for _ in range(10)], carrier_of(phone)
    posts = [Elsewhere(lambda: intake.take_in(batch, carrier=carrier)).begin() for _ in range(6)]
    results = [answer.result for post in posts for answer in post.result()]
    assert sorted(results) == ["accepted"] * 10 + ["already_accepted"] * 50
    assert sorted(ReceiptEvent.objects.values_list("change", flat=True)) == list(range(1, 11))


def test_f21_batches_whose_numbers_cross_store_each_number_once():
    """A clone's ids lie the other way round than its numbers, so the batches may wait for each other: one of
    them may hear «later» then, and nothing is lost."""
    phone = make_phone()
    issued = [phone.issue() for _ in range(20)]
    cloned = [phone.sealed(phone.content(number=other.number)) for other in reversed(issued)]
    batches = [
        [each.envelope for each in half]
        for half in (issued[:10] + cloned[:10], cloned[10:] + issued[10:])
        for _ in range(2)
    ]

    def post(batch):
        return copy(phone).post("receipts", {"envelopes": batch})

    posts = [Elsewhere(partial(post, batch)).begin() for batch in batches]
    assert {post.result().status_code for post in posts} <= {200, 503}
    results = [answer["result"] for batch in batches for answer in post(batch).json()["answers"]]
    assert set(results) <= {"accepted", "already_accepted", "held"}
    assert set(Receipt.objects.values_list("number", flat=True)) == {each.number for each in issued}
    assert Receipt.objects.count() == IntakeException.objects.count() == 20
    assert not Receipt.objects.filter(state="accepted", delivery=None).exists()


def test_the_cursor_never_passes_an_uncommitted_change():
    """The later change waits for the earlier one's commit, so nobody can see 3 before 2."""
    phone = make_phone()
    first, second = phone.issue(), phone.issue()
    phone.send(first, second)
    agent_id = carrier_of(phone).agent_id
    with transaction.atomic():
        registry.register(first.id, isn="1")
        later = Elsewhere(lambda: registry.register(second.id, isn="2")).begin()
        wait_until(later.waits_for_a_lock)
        seen = Elsewhere(lambda: feed.changes_after(agent_id, 0)).begin().result()
        assert seen.cursor == 2
    later.result()
    changes = feed.changes_after(agent_id, 2)
    assert [(str(event.receipt_id), event.change) for event in changes.events] == [
        (first.id, 3),
        (second.id, 4),
    ]


def test_agents_do_not_wait_for_each_other():
    one, other = make_phone(), make_phone()
    mine, his = one.issue(), other.issue()
    one.send(mine)
    other.send(his)
    with transaction.atomic():
        registry.register(mine.id, isn="1")
        assert Elsewhere(lambda: registry.register(his.id, isn="2")).begin().result().state == "registered"


def test_two_first_requests_begin_one_epoch():
    Epoch.objects.all().delete()
    with transaction.atomic():
        begun = epoch.current()
        other = Elsewhere(epoch.current).begin()
        wait_until(other.waits_for_a_lock)
    assert other.result() == begun
    assert Epoch.objects.count() == 1


def test_f14_a_database_that_goes_away_in_the_middle_leaves_nothing_half_written():
    """The connection is killed inside the transaction; the phone hears «later» and keeps everything."""
    phone = make_phone()
    issued = phone.issue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
        cursor.execute(
            f"""CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN PERFORM pg_terminate_backend({pid}); PERFORM pg_sleep(5); RETURN NEW; END$$;
            CREATE TRIGGER cut AFTER INSERT ON sync_delivery FOR EACH ROW EXECUTE FUNCTION cut()"""
        )
    try:
        answer = phone.post("receipts", {"envelopes": [issued.envelope]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "try_later")
        assert answer.headers["Retry-After"]
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER cut ON sync_delivery; DROP FUNCTION cut()")
    assert Receipt.objects.count() == ReceiptEvent.objects.count() == 0
    assert phone.send(issued)[0]["result"] == "accepted"
