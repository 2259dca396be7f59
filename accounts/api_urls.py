"""The calls about login, phones and their agent, under `/api/`."""

from django.urls import path

from accounts import api, api_phones

urlpatterns = [
    path("login/code", api.LoginCodeView.as_view(), name="login-code"),
    path("login/confirm", api.LoginConfirmView.as_view(), name="login-confirm"),
    path("installation", api.InstallationView.as_view(), name="installation"),
    path("logout", api.LogoutView.as_view(), name="logout"),
    path("phone/code", api_phones.NewNumberCodeView.as_view()),
    path("phone/confirm", api_phones.NewNumberConfirmView.as_view()),
    path("installations", api_phones.InstallationsView.as_view()),
    path("installations/<uuid:installation_id>/revoke", api_phones.RevokeView.as_view()),
    path("notices/read", api_phones.NoticesReadView.as_view()),
]
