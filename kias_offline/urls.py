"""All addresses: `/` the app, `/api/` the phone, `/admin/` the office, `/demo/` the demo desk."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from backoffice import system_state
from kias_offline import api_errors, flower, shell

urlpatterns = [
    path("api/", include("accounts.api_urls")),
    path("api/", include("sync.api.urls")),
    re_path(r"^api/", api_errors.not_found),
    path("admin/flower/", flower.page, name="flower"),
    path("admin/flower/<path:path>", flower.page),
    path("admin/system/", admin.site.admin_view(system_state.page), name="system_state"),
    path("admin/", admin.site.urls),
    path("", include("pwa.urls")),
    re_path(
        r"^(?:login|new|unsent|attention|devices|number|install|offline|check|(?:saved|receipt)/[0-9a-f-]{36})?$",
        shell.app,
    ),
]
handler400 = "kias_offline.api_errors.bad_request"
handler500 = "kias_offline.api_errors.failed"
if settings.DEMO_DESK:
    urlpatterns.insert(0, path("demo/", include("kias_offline.demo.urls")))
