"""Addresses of the whole site; each room keeps its own."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("emotoon.api.urls")),
    path("", include("emotoon.web.urls")),
]
