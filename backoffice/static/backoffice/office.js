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
