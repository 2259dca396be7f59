"""Phones under way: each issues, withdraws, sends in any order, again and again, and reads its feed."""

import random
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.books import Heard, Saved
from tests.support.phone import Issued, Phone

#: what a line or a server in trouble makes of a call; AssertionError is the phone's word for a refusal
TROUBLE = (httpx.HTTPError, AssertionError, ValueError, KeyError)
BATCH = 20


def client(url: str, session: str) -> httpx.Client:
    """One connection for each request, so that the line can play with it; no proxy, no TLS to set up."""
    return httpx.Client(
        base_url=url,
        cookies={"kias_session": session},
        headers={"Connection": "close", "X-App-Version": "1.0.0"},
        limits=httpx.Limits(max_keepalive_connections=0),
        timeout=20,
        trust_env=False,
        verify=False,
    )


@dataclass
class _Kept:
    """One receipt in the phone's storage."""

    issued: Issued
    withdrawal: Issued | None = None
    withdraws: float = 1.0
    answers: list[str] = field(default_factory=list)
    withdrawal_answers: list[str] = field(default_factory=list)


@dataclass
class Walker:
    """One agent's phone with what it keeps: receipts, what waits to be sent, what its feed has told."""

    phone: Phone
    agent: str
    dice: random.Random
    quota: int
    kept: dict[str, _Kept] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    @property
    def idle(self) -> bool:
        """All issued, all handed over."""
        return not self.quota and not self.waiting

    def turn(self) -> None:
        """One go at it; whatever fails is tried again the next time."""
        self.issue()
        for act, share in ((self.contact, 0.25), (self.send, 0.9), (self.read, 0.5)):
            if self.dice.random() < share:
                try:
                    act()
                except TROUBLE as error:
                    self.met[_named(error)] += 1

    def issue(self) -> None:
        """Up to three receipts; some are taken back, at once or later, one in thirty KIAS will refuse."""
        for _ in range(min(self.quota, self.dice.choice((0, 1, 1, 2, 3)))):
            self.quota -= 1
            odd = {"policy_series": "ЯЯЯ"} if self.dice.random() < 0.03 else {}
            issued = self.phone.issue(amount=self.dice.randrange(10_000, 1_500_000), **odd)
            self.kept[issued.id] = _Kept(issued, withdraws=self.dice.random())
            self.waiting[issued.id] = issued.envelope
            if self.kept[issued.id].withdraws < 0.04:
                self.withdraw(self.kept[issued.id])
        for kept in self.kept.values():
            if 0.04 <= kept.withdraws < 0.08 and kept.answers and not kept.withdrawal:
                self.withdraw(kept)

    def withdraw(self, kept: _Kept) -> None:
        kept.withdrawal = self.phone.withdraw(kept.issued, copy_shown=self.dice.random() < 0.2)
        self.waiting[kept.withdrawal.id] = kept.withdrawal.envelope

    def contact(self) -> None:
        self.phone.contact(waiting={"count": len(self.waiting), "sum": 0})

    def send(self) -> None:
        """What waits, in any order, and now and then something that was handed over long ago."""
        batch = list(self.waiting.values())
        if self.kept and self.dice.random() < 0.2:
            batch.append(self.dice.choice(list(self.kept.values())).issued.envelope)
        self.dice.shuffle(batch)
        if not batch:
            return
        for answer in self.phone.send(*batch[:BATCH], packed=self.dice.random() < 0.7):
            self._answered(answer)

    def _answered(self, answer: dict[str, Any]) -> None:
        self.met[answer["result"]] += 1
        if answer["result"] == "later":
            return
        self.waiting.pop(answer["id"], None)
        if answer["id"] in self.kept:
            self.kept[answer["id"]].answers.append(answer["result"])
            return
        withdrawn = next(k for k in self.kept.values() if k.withdrawal and k.withdrawal.id == answer["id"])
        withdrawn.withdrawal_answers.append(answer["result"])

    def read(self) -> bool:
        """The next page of the feed, by the cursor; whether there was anything new."""
        answer = self.phone.get("states", after=self.phone.cursor)
        assert answer.is_success, f"{answer.status_code}"
        told = answer.json()
        self.heard += [Heard(each["change"], each["id"], each["state"]) for each in told["changes"]]
        self.phone.cursor = told["cursor"]
        return bool(told["changes"])

    def saved(self) -> list[Saved]:
        """This phone's page of the phones' ledger."""
        return [
            Saved(
                id=kept.issued.id,
                number=kept.issued.number,
                amount=kept.issued.content["amount"],
                agent=self.agent,
                answers=tuple(kept.answers),
                withdrawal=kept.withdrawal.id if kept.withdrawal else "",
                withdrawal_answers=tuple(kept.withdrawal_answers),
            )
            for kept in self.kept.values()
        ]


def _named(error: Exception) -> str:
    """HTTP status or what broke, short enough to be counted."""
    words = str(error)
    status = next((word for word in words.replace(":", " ").split() if len(word) == 3 and word.isdigit()), "")
    return status or type(error).__name__


class Crowd:
    """All phones, walked by a few threads: a phone has one hand, so nobody walks it twice at once."""

    def __init__(self, walkers: list[Walker], drivers: int) -> None:
        self.walkers = walkers
        self._line = deque(walkers)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.broke: list[BaseException] = []
        self._threads = [threading.Thread(target=self._drive, daemon=True) for _ in range(drivers)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    @property
    def idle(self) -> bool:
        return all(walker.idle for walker in self.walkers)

    def _drive(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                walker = self._line.popleft() if self._line else None
            if walker is None:
                self._stop.wait(0.05)
                continue
            try:
                walker.turn()
            except Exception as error:  # a mistake in here, not in what is tested: the run must say so
                self.broke.append(error)
                self._stop.set()
            with self._lock:
                self._line.append(walker)
            self._stop.wait(1.0 if walker.idle else 0.02)  # who has nothing to send asks seldom, like the app
