"""Pages of the room `insights`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.insights.pages import charts, home

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("console/<str:merchant>", home.home, name="console"),
    path("console/<str:merchant>/charts", charts.charts, name="charts"),
    path("console/<str:merchant>/charts/<str:chart>.csv", charts.chart_csv, name="chart-csv"),
]
