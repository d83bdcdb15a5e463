"""Stickers: asked for with 202, looked at until they are finished, kept or deleted."""

from __future__ import annotations

import hashlib
import json

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from emotoon import ml
from emotoon.api.base import IDEMPOTENCY_KEY, IF_NONE_MATCH, PREFER, ApiView, NewestFirst, problems
from emotoon.api.serializers import StickerOut, StickerWish
from emotoon.api.waiting import wait_for, wait_seconds
from emotoon.catalog.services import template_get
from emotoon.core.errors import InvalidInput
from emotoon.core.private_files import private_file
from emotoon.stickers.models import Sticker
from emotoon.stickers.rendering import EXTENSIONS
from emotoon.stickers.services import (
    portrait_get,
    rendition_get,
    sticker_cancel,
    sticker_delete,
    sticker_get,
    sticker_request,
)

LONGEST_KEY = 80
LOOK = ("style", "strength", "caricature", "parts", "recolour", "glasses")
LOOK_AGAIN_SECONDS = 1


class Stickers(ApiView, ListAPIView[Sticker]):
    pagination_class = NewestFirst
    serializer_class = StickerOut
    throttle_scope = "generate"

    def get_queryset(self) -> QuerySet[Sticker]:
        rows: QuerySet[Sticker] = (
            Sticker.objects.owned_by(self.request.user)
            .select_related("job", "template", "portrait")
            .prefetch_related("renditions")
        )
        return rows

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY, PREFER],
        request=StickerWish,
        responses={202: StickerOut, **problems(404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        """Ask for a sticker. Without a template the one that fits the sentence best is taken."""
        wish = self.parsed(StickerWish)
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > LONGEST_KEY:
            raise InvalidInput(
                "long_idempotency_key", _("The idempotency key may have at most 80 characters.")
            )
        sticker = sticker_request(
            owner=self.person,
            portrait=portrait_get(owner=self.person, public_id=wish["portrait"]),
            sentence=wish["sentence"],
            template=template_get(template_id=wish["template"]) if wish.get("template") else None,
            look=ml.look_read(**{name: wish[name] for name in LOOK if name in wish}),
            formats=wish["formats"],
            idempotency_key=key,
        )
        response = _shown(request, sticker)
        response.status_code = status.HTTP_202_ACCEPTED
        response["Location"] = response.data["url"]
        return response


def _shown(request: Request, sticker: Sticker) -> Response:
    """The sticker as it is now, or as it is when a ``Prefer: wait`` has run out."""
    waited = wait_for(job=sticker.job, seconds=wait_seconds(request.headers.get("Prefer", "")))
    response = Response(StickerOut(sticker).data)
    if waited:
        response["Preference-Applied"] = f"wait={waited}"
    if not sticker.job.is_final:
        response["Retry-After"] = str(LOOK_AGAIN_SECONDS)
    return response


class OneSticker(ApiView):
    @extend_schema(
        parameters=[PREFER, IF_NONE_MATCH], responses={200: StickerOut, 304: None, **problems(404)}
    )
    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        """Poll with `If-None-Match` and the last ETag, or let the answer wait with `Prefer: wait=10`."""
        response = _shown(request, sticker_get(owner=self.person, public_id=public_id))
        body = json.dumps(response.data, sort_keys=True, default=str)
        etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
        response["ETag"] = etag
        answer = get_conditional_response(request._request, etag=etag, response=response)
        return answer if answer is not None else response

    @extend_schema(responses={204: None, **problems(404, 503)})
    def delete(self, request: Request, public_id: str) -> Response:
        sticker_delete(sticker=sticker_get(owner=self.person, public_id=public_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class StickerCancel(ApiView):
    @extend_schema(request=None, responses={202: StickerOut, **problems(404, 409)})
    def post(self, request: Request, public_id: str) -> Response:
        """Stop it; what is being worked on stops at its next step."""
        sticker_cancel(sticker=sticker_get(owner=self.person, public_id=public_id))
        sticker = sticker_get(owner=self.person, public_id=public_id)
        return Response(StickerOut(sticker).data, status=status.HTTP_202_ACCEPTED)


class File(ApiView):
    @extend_schema(responses={(200, "image/webp"): bytes, 302: None, **problems(404, 503)})
    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        """The file's bytes, or a redirect to a link that expires. `?download` names it for saving."""
        file = rendition_get(owner=self.person, public_id=public_id)
        name = f"{file.sticker.template.template_id}.{EXTENSIONS[file.format]}"
        return private_file(
            key=file.key, format=file.format, download_name=name if "download" in request.query_params else ""
        )
