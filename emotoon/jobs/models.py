"""The Job row is the truth about a piece of work; queues and workers only point at it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emotoon.core.ids import PublicId

MAX_ATTEMPTS = 3


class JobState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("working")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    DEAD = "dead", _("given up")
    CANCELLED = "cancelled", _("cancelled")

    @property
    def is_final(self) -> bool:
        return not TRANSITIONS[self]


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(
        {JobState.QUEUED, JobState.DONE, JobState.FAILED, JobState.DEAD, JobState.CANCELLED}
    ),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.DEAD: frozenset({JobState.QUEUED}),  # an operator may try a dead letter again
    JobState.CANCELLED: frozenset(),
}


class JobQuerySet(models.QuerySet["Job"]):
    def claimable(self, *, now: datetime) -> JobQuerySet:
        """Waiting jobs whose time has come, most urgent first, then oldest."""
        return self.filter(state=JobState.QUEUED, available_at__lte=now).order_by(
            "priority", "available_at", "pk"
        )

    def expired(self, *, now: datetime) -> JobQuerySet:
        """Running jobs whose worker has been silent for longer than its lease."""
        return self.filter(state=JobState.RUNNING, lease_until__lt=now)


class Job(models.Model):
    """One piece of work. Written only by emotoon.jobs.services, always under a condition.

    ``fencing_token`` grows with every claim: a worker that lost its lease holds an old one and
    can no longer write.
    """

    class Priority(models.IntegerChoices):
        INTERACTIVE = 0, _("a person is waiting")
        PACK = 10, _("pack")
        BATCH = 20, _("batch")

    public_id = models.CharField(max_length=32, unique=True, default=PublicId("job"), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=32)
    payload = models.JSONField(default=dict)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.INTERACTIVE)
    state = models.CharField(max_length=16, choices=JobState, default=JobState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    fencing_token = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    cancel_requested = models.BooleanField(default=False)
    stage = models.CharField(max_length=32, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text=_("percent"))
    error_code = models.CharField(max_length=64, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    error_detail = models.TextField(blank=True, help_text=_("for operators"))
    timings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(
                fields=["priority", "available_at"], name="job_waiting", condition=Q(state=JobState.QUEUED)
            ),
            models.Index(fields=["lease_until"], name="job_leased", condition=Q(state=JobState.RUNNING)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id} {self.state}"

    @property
    def is_final(self) -> bool:
        return JobState(self.state).is_final or self.state == JobState.DEAD

    @property
    def queue_position(self) -> int | None:
        """How many waiting jobs come before this one; None once it is being worked on."""
        if self.state != JobState.QUEUED:
            return None
        ahead = Q(priority__lt=self.priority) | Q(priority=self.priority, available_at__lt=self.available_at)
        return Job.objects.filter(ahead, state=JobState.QUEUED).count()
