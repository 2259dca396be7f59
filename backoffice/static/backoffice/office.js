// The theme's libraries under our policy (docs/adr/0005-admin-theme-and-csp.md): htmx would add an inline
// <style> for a spinner that the theme does not use, and would evaluate attributes that it does not use either.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
