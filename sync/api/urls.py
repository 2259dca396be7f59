from django.urls import path
from django.urls.resolvers import URLPattern

from sync.api import views

urlpatterns: list[URLPattern] = [
    path("ping", views.PingView.as_view()),
    path("setup", views.SetupView.as_view()),
    path("numbers", views.NumbersView.as_view()),
    path("receipts", views.ReceiptsView.as_view()),
    path("receipts/status", views.StatusView.as_view()),
    path("receipts/search", views.SearchView.as_view()),
    path("receipts/<uuid:receipt_id>", views.ReceiptView.as_view()),
    path("states", views.StatesView.as_view()),
]
