"""Pages of the room `site`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.site.pages import audit, design, health, installing, jobs, operator, policies

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("sw.js", installing.worker, name="worker"),
    path("media/<str:name>-<int:size>.webp", installing.picture, name="picture"),
    path("theme", installing.theme, name="theme"),
    path("design", design.design, name="design"),
    path("operator", operator.operator, name="operator"),
    path("operator/policies", policies.policies, name="operator-policies"),
    path("operator/policies/applications", policies.applications, name="policy-applications"),
    path("operator/policies/programme-bounds", policies.programme_bounds, name="policy-bounds"),
    path("operator/policies/quiet-hours", policies.quiet_hours, name="policy-quiet-hours"),
    path("operator/audit", audit.audit, name="operator-audit"),
    path("operator/audit.csv", audit.audit_csv, name="operator-audit-csv"),
    path("operator/jobs", jobs.jobs, name="operator-jobs"),
    path("operator/jobs/<int:job>/retry", jobs.job_retry, name="job-retry"),
    path("operator/news/<str:news>/retry", jobs.news_retry, name="news-retry"),
    path("operator/health", health.health, name="operator-health"),
    path("operator/messages", health.messages, name="operator-messages"),
]
