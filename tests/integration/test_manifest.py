"""The manifest that django-pwa serves from our template: complete, valid, and true about its icons."""

import json
import struct
from pathlib import Path

import pytest
from django.test import Client

PUBLIC = Path(__file__).resolve().parents[2] / "frontend" / "public"


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG or of an extended WebP, from its head."""
    if picture[12:16] == b"VP8X":
        return int.from_bytes(picture[24:27], "little") + 1, int.from_bytes(picture[27:30], "little") + 1
    assert picture[12:16] == b"IHDR"
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


@pytest.fixture
def manifest() -> dict[str, object]:
    response = Client().get("/manifest.json")
    assert response.headers["Content-Type"].startswith("application/json")
    parsed: dict[str, object] = json.loads(response.content)
    return parsed


def test_the_manifest_says_what_an_installed_app_needs(manifest: dict[str, object]) -> None:
    assert manifest["id"] == manifest["start_url"] == manifest["scope"] == "/"
    assert manifest["name"] == manifest["short_name"] == "КИАС Офлайн"
    assert manifest["description"]
    assert manifest["lang"] == "ru"
    assert manifest["dir"] == "ltr"
    assert manifest["display"] == "standalone"
    for name in (
        "theme_color", "background_color", "categories", "display_override", "launch_handler", "orientation",
    ):  # fmt: skip
        assert manifest[name], name


def test_it_names_itself_so_that_a_tab_can_tell_that_the_app_is_installed(
    manifest: dict[str, object],
) -> None:
    assert manifest["related_applications"] == [
        {"platform": "webapp", "url": "http://testserver/manifest.json", "id": "http://testserver/"}
    ]
    assert manifest["prefer_related_applications"] is False


def test_its_shortcuts_lead_to_a_new_receipt_and_to_the_unsent(manifest: dict[str, object]) -> None:
    shortcuts = manifest["shortcuts"]
    assert isinstance(shortcuts, list)
    assert [(shortcut["name"], shortcut["url"]) for shortcut in shortcuts] == [
        ("Новая квитанция", "/new"),
        ("Неотправленные", "/unsent"),
    ]


def test_it_shows_the_app_as_it_looks_on_a_phone_and_on_a_computer(manifest: dict[str, object]) -> None:
    screenshots = manifest["screenshots"]
    assert isinstance(screenshots, list)
    assert all(screenshot["label"] for screenshot in screenshots)
    # Browsers leave out what differs in shape from the others of its kind.
    for form_factor in ("narrow", "wide"):
        assert len({shot["sizes"] for shot in screenshots if shot["form_factor"] == form_factor}) == 1


def test_every_picture_is_there_and_as_large_as_said(manifest: dict[str, object]) -> None:
    icons, shortcuts, screenshots = (manifest[name] for name in ("icons", "shortcuts", "screenshots"))
    assert isinstance(icons, list)
    assert isinstance(shortcuts, list)
    assert isinstance(screenshots, list)
    for purpose in (None, "maskable"):
        assert {"192x192", "512x512"} == {icon["sizes"] for icon in icons if icon.get("purpose") == purpose}
    for icon in icons + screenshots + [icon for shortcut in shortcuts for icon in shortcut["icons"]]:
        width, height = size((PUBLIC / icon["src"].removeprefix("/static/app/")).read_bytes())
        assert icon["sizes"] == f"{width}x{height}"


def test_the_shell_neither_forbids_zoom_nor_lets_chrome_translate_it() -> None:
    page = (PUBLIC.parent / "index.html").read_text(encoding="utf-8")
    assert 'lang="ru"' in page
    assert 'translate="no"' in page
    assert "user-scalable" not in page
    assert "maximum-scale" not in page
    assert "viewport-fit=cover" in page
