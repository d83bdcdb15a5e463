"""Every failure of the API has one shape: an RFC 9457 problem document, made here and nowhere else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from emotoon.core.errors import EmotoonError, InvalidInput, Text

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:emotoon:problem:"
RETRY_SECONDS = 30
"""What a program is told to wait when our storage or our queue is in trouble."""


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler. Unforeseen errors are logged and say nothing about themselves."""
    set_rollback()
    if isinstance(error, EmotoonError):
        return _of_ours(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        return problem(status=413, code="body_too_large", detail=_("The request is too large."))
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if settings.DEBUG:
        return None
    logger.error("unforeseen error in %s", type(context.get("view")).__name__, exc_info=error)
    return problem(
        status=500, code="internal_error", detail=_("Something went wrong here. We have noted it.")
    )


def problem(
    *,
    status: int,
    code: str,
    detail: Text,
    errors: list[dict[str, str]] | None = None,
    params: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """``code`` never changes; ``detail`` is in the caller's language; ``errors`` names the fields."""
    body: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(detail),
        "code": code,
    }
    if errors:
        body["errors"] = errors
    if params:
        body["params"] = params
    return Response(body, status=status, content_type=CONTENT_TYPE, headers=headers)


def _of_ours(error: EmotoonError) -> Response:
    errors = None
    if isinstance(error, InvalidInput) and error.field:
        errors = [{"field": error.field, "code": error.code, "detail": str(error.message)}]
    headers = {} if error.permanent or error.status != 503 else {"Retry-After": str(RETRY_SECONDS)}
    return problem(
        status=error.status,
        code=error.code,
        detail=error.message,
        errors=errors,
        params=error.params,
        headers=headers,
    )


def _of_framework(error: exceptions.APIException) -> Response:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        return problem(
            status=422,
            code="invalid",
            detail=_("Some fields are missing or wrong."),
            errors=list(_field_errors(error.detail)),
            headers=headers,
        )
    return problem(
        status=error.status_code,
        code=str(getattr(error.detail, "code", error.default_code)),
        detail=str(error.detail),
        headers=headers,
    )


def _field_errors(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """REST framework nests errors by field and index; here they become a flat list with dotted names."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _field_errors(inner, f"{field}.{name}".strip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _field_errors(inner, field)
    else:
        yield {"field": field, "code": str(detail.code), "detail": str(detail)}
