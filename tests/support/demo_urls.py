"""The system's addresses with the demo desk, which the tests' settings leave out."""

from django.urls import include, path

from kias_offline.urls import urlpatterns as without_desk

urlpatterns = [path("demo/", include("kias_offline.demo.urls")), *without_desk]
