"""What the views share: who asks, how often, how lists are cut."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle, UserRateThrottle
from rest_framework.views import APIView

from emotoon.accounts.models import User
from emotoon.api.serializers import Parsed, ProblemOut

PROBLEMS = {
    code: OpenApiResponse(ProblemOut, description="Problem document (RFC 9457)")
    for code in ("401", "404", "409", "422", "429", "503")
}


def problems(*codes: int) -> dict[Any, OpenApiResponse]:
    """For ``extend_schema(responses=...)``: the failures of a call, beside what every call may answer."""
    return {code: PROBLEMS[str(code)] for code in (401, 429, *codes)}


class PostThrottle(ScopedRateThrottle):
    """The view's ``throttle_scope`` counts what is sent, not what is looked at."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method != "POST" or super().allow_request(request, view)


class ApiView(APIView):
    """One resource. Subclasses parse, call one service, render."""

    throttle_classes = (UserRateThrottle, PostThrottle)

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def parsed(self, serializer: type[Parsed], data: Any = None) -> dict[str, Any]:
        wish = serializer(data=self.request.data if data is None else data)
        wish.is_valid(raise_exception=True)
        values: dict[str, Any] = wish.validated_data
        return values

    def finalize_response(
        self, request: HttpRequest | Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        final.headers.setdefault("Cache-Control", "private, no-cache")
        return final


class NewestFirst(CursorPagination):
    ordering = ("-created_at", "-pk")
    page_size = 24
    max_page_size = 100
    page_size_query_param = "limit"


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="At most 80 characters. The same key gives back the same sticker; with other wishes, 409.",
)
PREFER = OpenApiParameter(
    "Prefer", str, OpenApiParameter.HEADER, description="wait=N: hold the answer back, N at most 10 seconds."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="304 if unchanged."
)
