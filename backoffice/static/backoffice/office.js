// The theme's libraries under our policy (docs/adr/0005-admin-theme-and-csp.md): htmx would add an inline
// <style> for a spinner that the theme does not use, and would evaluate attributes that it does not use either.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;

// The theme writes its icons as words of a font («filter_list»): screen readers would read them out.
function hideIconsFromReaders() {
  for (const icon of document.querySelectorAll(".material-symbols-outlined:not([aria-hidden])")) {
    icon.setAttribute("aria-hidden", "true");
  }
}
document.addEventListener("DOMContentLoaded", hideIconsFromReaders);
document.addEventListener("htmx:afterSettle", hideIconsFromReaders);

// What the theme draws as a picture alone gets its name, and its filters, a link without an address, the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("searchbar-submit")?.setAttribute("aria-label", "Найти");
  document.querySelector("a[href='/admin/']:has(> .material-symbols-outlined:only-child)")?.setAttribute("aria-label", "На главную");
  document.querySelector("a[x-on\\:click^=openTheme]")?.setAttribute("aria-label", "Тема оформления");
  for (const link of document.querySelectorAll("a:not([href])")) {
    link.setAttribute("role", "button");
    link.tabIndex = 0;
    link.addEventListener("keydown", (event) => {
      if (!["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      link.click();
    });
  }
});

// On a phone the columns' names stand before their values: with a capital, as above the table.
document.addEventListener("DOMContentLoaded", () => {
  for (const { dataset } of document.querySelectorAll("[data-label]"))
    dataset.label = dataset.label.charAt(0).toUpperCase() + dataset.label.slice(1);
});

// The theme measures the tabs against a filtered list and hides them under «…», the chosen one too. They wrap
// instead (office.css): whatever it has moved away goes back.
function keepTabs() {
  const [list, hidden] = ["tabs-items", "tabs-dropdown"].map((id) => document.getElementById(id));
  if (!list || !hidden) return;
  while (hidden.lastElementChild) list.append(hidden.lastElementChild);
  hidden.parentElement.classList.add("hidden");
}
document.addEventListener("DOMContentLoaded", () => {
  keepTabs();
  const hidden = document.getElementById("tabs-dropdown");
  if (hidden) new MutationObserver(keepTabs).observe(hidden, { childList: true });
});

// What is typed into a form survives a login that lies between (P20): kept in this tab alone, for this person
// alone, never passwords or codes, and gone as soon as a page is opened without a login before it.
const KEPT = "office-typed";
const LOGIN_BETWEEN = "office-login-between";

function fieldsOf(form) {
  return [...form.elements].filter(
    (field) =>
      field.name &&
      !["password", "hidden", "file", "submit", "button"].includes(field.type) &&
      field.autocomplete !== "one-time-code",
  );
}

function keepTyped(event) {
  const form = event.target.form;
  const staff = document.querySelector("meta[name=office-staff]");
  if (!form || form.method !== "post" || !staff) return;
  const values = fieldsOf(form).map((field) => [
    field.name,
    ["checkbox", "radio"].includes(field.type) ? `${field.value}:${field.checked}` : field.value,
  ]);
  sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, staff: staff.content, values }));
}

function putBack(kept) {
  const form = [...document.forms].find(
    (one) => one.method === "post" && kept.values.some(([name]) => one.elements.namedItem(name)),
  );
  if (!form) return;
  const left = [...kept.values];
  for (const field of fieldsOf(form)) {
    const at = left.findIndex(([name]) => name === field.name);
    if (at < 0) continue;
    const [[, value]] = left.splice(at, 1);
    if (["checkbox", "radio"].includes(field.type)) field.checked = value.endsWith(":true");
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const words = document.createElement("p");
  words.className = "office-notice office-restored";
  words.setAttribute("role", "status");
  words.textContent = "Вы входили заново. Введённое возвращено на место: проверьте и сохраните.";
  form.before(words);
}

document.addEventListener("DOMContentLoaded", () => {
  if (document.querySelector("#login-form, meta[name=office-login]")) {
    sessionStorage.setItem(LOGIN_BETWEEN, "1");
    return;
  }
  const staff = document.querySelector("meta[name=office-staff]");
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  const between = sessionStorage.getItem(LOGIN_BETWEEN);
  sessionStorage.removeItem(KEPT);
  sessionStorage.removeItem(LOGIN_BETWEEN);
  if (kept && between && kept.path === location.pathname && kept.staff === staff?.content) {
    sessionStorage.setItem(KEPT, JSON.stringify(kept)); // not saved yet: it survives the next login too
    putBack(kept);
  }
  document.addEventListener("input", keepTyped);
  document.addEventListener("change", keepTyped);
});
