"""axe-core over what a page shows now, from a world of its own: the page's policy lets no script in."""

import json

from playwright.sync_api import CDPSession, Error, Page

from scripts.system import ROOT

SOURCE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
#: 2.0 to 2.2, A and AA
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
#: and what axe calls good practice: landmarks, headings, one main
ALL = (*WCAG, "best-practice")
RUN = """axe.run(document, {
  runOnly: RULES,
  resultTypes: ['violations'],
}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) => {
  const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
  return `${id}: ${html.slice(0, 160)} ${why.slice(0, 200)}`;
})))"""


class Axe:
    """One page's; asks anew for its world whenever a navigation has taken it away."""

    def __init__(self, page: Page, rules: tuple[str, ...] = ALL) -> None:
        self._run = RUN.replace("RULES", json.dumps(rules))
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._source = SOURCE.read_text(encoding="utf-8")
        self._world: int | None = None

    def problems(self) -> list[str]:
        """One line for each element that breaks a rule."""
        try:
            return self._ask(self._run)
        except (Error, AssertionError):
            self._world = self._enter()
            return self._ask(self._run)

    def _enter(self) -> int:
        frame = self._session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = self._session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
        self._world = int(world["executionContextId"])
        self._evaluate(self._source + ";null")
        return self._world

    def _ask(self, expression: str) -> list[str]:
        assert self._world is not None
        return list(self._evaluate(expression))

    def _evaluate(self, expression: str) -> list[str]:
        given = {
            "expression": expression, "contextId": self._world, "awaitPromise": True, "returnByValue": True,
        }  # fmt: skip
        answer = self._session.send("Runtime.evaluate", given)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        found: list[str] = answer["result"].get("value") or []
        return found
