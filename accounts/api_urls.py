"""The login calls, under `/api/`."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("login/code", api.LoginCodeView.as_view(), name="login-code"),
    path("login/confirm", api.LoginConfirmView.as_view(), name="login-confirm"),
    path("installation", api.InstallationView.as_view(), name="installation"),
    path("logout", api.LogoutView.as_view(), name="logout"),
]
