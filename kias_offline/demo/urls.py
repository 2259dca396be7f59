from django.urls import path

from kias_offline.demo import views

urlpatterns = [
    path("", views.desk, name="demo_desk"),
    path("sms.json", views.sms, name="demo_sms"),
    path("codes.json", views.codes, name="demo_codes"),
    path("kias.json", views.kias, name="demo_kias"),
    path("kias", views.order, name="demo_order"),
]
