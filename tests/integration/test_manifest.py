"""The manifest that django-pwa serves from our template: complete, valid, and true about its icons."""

import json
import struct
from pathlib import Path

import pytest
from django.test import Client

PUBLIC = Path(__file__).resolve().parents[2] / "frontend" / "public"


@pytest.fixture
def manifest() -> dict[str, object]:
    response = Client().get("/manifest.json")
    assert response.headers["Content-Type"].startswith("application/json")
    parsed: dict[str, object] = json.loads(response.content)
    return parsed


def test_the_manifest_says_what_an_installed_app_needs(manifest: dict[str, object]) -> None:
    assert manifest["id"] == manifest["start_url"] == manifest["scope"] == "/"
    assert manifest["name"] == manifest["short_name"] == "КИАС Офлайн"
    assert manifest["lang"] == "ru"
    assert manifest["display"] == "standalone"
    for name in ("theme_color", "background_color", "categories", "display_override", "launch_handler"):
        assert manifest[name], name


def test_its_shortcuts_lead_to_a_new_receipt_and_to_the_unsent(manifest: dict[str, object]) -> None:
    shortcuts = manifest["shortcuts"]
    assert isinstance(shortcuts, list)
    assert [(shortcut["name"], shortcut["url"]) for shortcut in shortcuts] == [
        ("Новая квитанция", "/new"),
        ("Неотправленные", "/unsent"),
    ]


def test_every_icon_is_there_and_as_large_as_said(manifest: dict[str, object]) -> None:
    icons = manifest["icons"]
    shortcuts = manifest["shortcuts"]
    assert isinstance(icons, list)
    assert isinstance(shortcuts, list)
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in icons}
    assert any(icon.get("purpose") == "maskable" for icon in icons)
    for icon in icons + [icon for shortcut in shortcuts for icon in shortcut["icons"]]:
        head = (PUBLIC / icon["src"].removeprefix("/static/app/")).read_bytes()[:24]
        width, height = struct.unpack(">II", head[16:24])
        assert icon["sizes"] == f"{width}x{height}"


def test_the_shell_neither_forbids_zoom_nor_lets_chrome_translate_it() -> None:
    page = (PUBLIC.parent / "index.html").read_text(encoding="utf-8")
    assert 'lang="ru"' in page
    assert 'translate="no"' in page
    assert "user-scalable" not in page
    assert "maximum-scale" not in page
    assert "viewport-fit=cover" in page
