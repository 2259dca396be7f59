"""Draws the app's PNG icons from `frontend/public/icons/icon.svg` with the system's Chromium.

Run by hand after changing the drawing: `.venv/bin/python scripts/render_icons.py`; the results are in git.
"""

from pathlib import Path
from shutil import which

from playwright.sync_api import Browser, sync_playwright

ICONS = Path(__file__).resolve().parent.parent / "frontend" / "public" / "icons"

#: file → (side in pixels, corner radius of the ground, scale of the mark). A maskable icon may lose all but
#: the inner 80 % circle, and Apple rounds the corners itself: both bleed to the edge.
RENDERINGS = {
    "icon-192.png": (192, 116, 1.0),
    "icon-512.png": (512, 116, 1.0),
    "maskable-192.png": (192, 0, 0.82),
    "maskable-512.png": (512, 0, 0.82),
    "apple-touch-icon.png": (180, 0, 0.94),
}

#: Pictograms of the manifest's shortcuts: the same strokes as in the app.
SHORTCUTS = {
    "shortcut-new.png": "M12 5v14M5 12h14",
    "shortcut-unsent.png": "M9 3h6q2 0 2 2v14q0 2-2 2H9q-2 0-2-2V5q0-2 2-2zM11 18h2",
}
SHORTCUT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -12 48 48">'
    '<circle cx="12" cy="12" r="24" fill="#e8effc"/>'
    '<path d="{path}" fill="none" stroke="#1b57c9" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
)


def main() -> None:
    drawing = (ICONS / "icon.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (side, radius, scale) in RENDERINGS.items():
            shift = 256 * (1 - scale)
            svg = drawing.replace('rx="116"', f'rx="{radius}"').replace(
                'id="mark"', f'transform="translate({shift} {shift}) scale({scale})"'
            )
            shoot(browser, svg, side, ICONS / name)
        for name, path in SHORTCUTS.items():
            shoot(browser, SHORTCUT.replace("{path}", path), 96, ICONS / name)
        browser.close()


def shoot(browser: Browser, svg: str, side: int, target: Path) -> None:
    page = browser.new_page(viewport={"width": side, "height": side})
    page.set_content(f"<style>*{{margin:0}}svg{{display:block;width:{side}px;height:{side}px}}</style>{svg}")
    page.screenshot(path=target, omit_background=True)
    page.close()


if __name__ == "__main__":
    main()
