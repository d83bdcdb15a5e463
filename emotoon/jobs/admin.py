"""Jobs as operators see them: state, error, and another try for dead letters."""

from __future__ import annotations

from typing import Any, Protocol

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from emotoon.core.errors import Conflict
from emotoon.jobs.models import Job, JobQuerySet
from emotoon.jobs.services import job_cancel, job_retry
from emotoon.ml import encoder_told, engine_status, fallback_notes


class JobService(Protocol):
    def __call__(self, *, job: Job) -> Job: ...


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """Written by services only; here jobs are looked at, tried again or cancelled."""

    list_display = ("public_id", "kind", "state", "stage", "progress", "attempt", "error_code", "created_at")
    list_filter = ("state", "kind", "error_code")
    search_fields = ("public_id", "owner__email", "worker")
    date_hierarchy = "created_at"
    actions = ("try_again", "cancel")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Above the jobs: what the service of this process is doing, and what stands in for an encoder."""
        shown = {"engine": engine_status(), "notes": fallback_notes(encoder_told())}
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.change_job")

    @admin.action(description=_("Try again"), permissions=["operate"])
    def try_again(self, request: HttpRequest, jobs: JobQuerySet) -> None:
        self._each(request, jobs, job_retry)

    @admin.action(description=_("Cancel"), permissions=["operate"])
    def cancel(self, request: HttpRequest, jobs: JobQuerySet) -> None:
        self._each(request, jobs, job_cancel)

    def _each(self, request: HttpRequest, jobs: JobQuerySet, service: JobService) -> None:
        done = 0
        for job in jobs:
            try:
                service(job=job)
                done += 1
            except Conflict as error:
                self.message_user(request, f"{job.public_id}: {error.message}", messages.WARNING)
        if done:
            told = ngettext("%d job was changed.", "%d jobs were changed.", done) % done
            self.message_user(request, told, messages.SUCCESS)
