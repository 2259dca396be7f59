// The demo desk: shows the SMS inbox and KIAS, two seconds old at most, and passes its buttons on.
// Everything that came from elsewhere is written as text, never as HTML.
"use strict";

const EVERY_MS = 2000;
const $ = (id) => document.getElementById(id);
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

async function ask(address, options) {
  const answer = await fetch(address, { cache: "no-store", ...options });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function time(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "" : at.toLocaleTimeString("ru-RU");
}

let shownMessages = "";
function showMessages({ messages }) {
  const now = JSON.stringify(messages);
  if (now === shownMessages) return; // an unchanged list stays, so that a selection in it survives
  shownMessages = now;
  $("sms-empty").hidden = messages.length > 0;
  $("messages").replaceChildren(
    ...messages.map((message) => {
      const item = element("li");
      const head = element("div", "to");
      head.append(element("span", "", message.to), element("time", "", time(message.at)));
      item.append(head);
      if (message.code) item.append(element("b", "code", message.code));
      item.append(element("div", "text", message.text));
      return item;
    }),
  );
}

function roubles(sum) {
  const [whole, part] = String(sum ?? "").split(/[.,]/);
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  return `${grouped}${part && Number(part) ? `,${part.padEnd(2, "0")}` : ""}\u00a0₽`;
}

function documentRow(document_) {
  const row = element("tr");
  const number = element("td", "", document_.number);
  if (document_.twice) number.append(" ", element("span", "bad", "дважды"));
  if (document_.by_hand) number.append(" ", element("span", "hint", "внесён вручную"));
  row.append(
    number,
    element("td", "", roubles(document_.sum)),
    element("td", "", document_.policy),
    element("td", document_.has_check ? "good" : "wait", document_.has_check ? "● чек готов" : "◐ формируется"),
  );
  return row;
}

function showKias(kias) {
  const state = $("kias-state");
  $("kias-away").hidden = !kias.away;
  $("kias-here").hidden = kias.away;
  const [tone, words] = kias.away
    ? ["amber", "симулятор не отвечает"]
    : kias.switches.outage
      ? ["bad", "недоступен"]
      : ["good", "работает"];
  state.className = `state ${tone}`;
  if (state.textContent !== words) state.textContent = words;
  if (kias.away) return;

  for (const button of document.querySelectorAll("[data-switch]")) {
    button.setAttribute("aria-pressed", String(kias.switches[button.dataset.switch]));
  }
  const waiting = kias.faults.map((name) => document.querySelector(`[data-do="${CSS.escape(name)}"]`)?.textContent ?? name);
  const ahead = waiting.length ? `Ждёт следующей квитанции: ${waiting.join("; ")}.` : "";
  if ($("faults-waiting").textContent !== ahead) $("faults-waiting").textContent = ahead;
  $("ledger-total").textContent = kias.total ? `всего ${kias.total}` : "";
  $("ledger-empty").hidden = kias.total > 0;
  $("ledger").hidden = kias.total === 0;
  $("documents").replaceChildren(...kias.documents.map(documentRow));
}

async function order(name, button) {
  button.disabled = true;
  try {
    showKias(
      await ask("/demo/kias", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ do: name }),
      }),
    );
  } catch {
    showKias({ away: true });
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!button) return;
  if (button.dataset.do) await order(button.dataset.do, button);
  if (button.dataset.switch) {
    const on = button.getAttribute("aria-pressed") === "true";
    await order(`${button.dataset.switch}_${on ? "off" : "on"}`, button);
  }
  if (button.dataset.copy) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Скопировано";
    } catch {
      button.textContent = "Не вышло: выделите номер";
    }
  }
});

function showCodes({ codes }) {
  for (const cell of document.querySelectorAll("[data-login]")) {
    const one = codes[cell.dataset.login];
    const words = !one ? "в своём приложении" : one.wait_s ? `через ${one.wait_s} с` : one.code;
    if (cell.textContent !== words) cell.textContent = words;
  }
}

async function refresh() {
  if (document.visibilityState === "visible") {
    const [sms, kias, codes] = await Promise.allSettled(
      ["sms", "kias", "codes"].map((name) => ask(`/demo/${name}.json`)),
    );
    if (codes.status === "fulfilled") showCodes(codes.value);
    if (sms.status === "fulfilled") showMessages(sms.value);
    showKias(kias.status === "fulfilled" ? kias.value : { away: true });
  }
  setTimeout(refresh, EVERY_MS);
}
document.addEventListener("DOMContentLoaded", refresh);
