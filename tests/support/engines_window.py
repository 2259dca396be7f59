"""A window of WebKitGTK for its WebDriver: WebKit's own test browser forgets everything when it is closed.

Run by the system's Python, whose `gi` Debian ships: engines_window.py PROFILE WIDTH HEIGHT [FEATURE…], the
features being those that this WebKit is to do without.
"""

import signal
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402


def main(profile: str, width: int, height: int, without: list[str]) -> None:
    store = WebKit2.WebsiteDataManager(
        base_data_directory=f"{profile}/data", base_cache_directory=f"{profile}/cache"
    )
    context = WebKit2.WebContext.new_with_website_data_manager(store)
    context.get_cookie_manager().set_persistent_storage(
        f"{profile}/cookies.sqlite", WebKit2.CookiePersistentStorage.SQLITE
    )
    context.set_preferred_languages(["ru-RU"])
    context.set_automation_allowed(True)

    all_features = WebKit2.Settings.get_all_features()

    def new_tab(*_: object) -> WebKit2.WebView:
        window = Gtk.Window(decorated=False, default_width=width, default_height=height)
        view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
        settings = view.get_settings()
        for feature in (all_features.get(place) for place in range(all_features.get_length())):
            if feature.get_identifier() in without:
                settings.set_feature_enabled(feature, False)
        settings.set_enable_write_console_messages_to_stdout(True)
        view.connect("close", lambda _: window.destroy())
        window.add(view)
        window.show_all()
        return view

    context.connect("automation-started", lambda _, session: session.connect("create-web-view", new_tab))
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, Gtk.main_quit)
    Gtk.main()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
