"""Portraits: private photos that stickers are made of."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from emotoon.api.base import ApiView, NewestFirst, problems
from emotoon.api.serializers import PortraitOut, PortraitWish
from emotoon.core.private_files import private_file
from emotoon.stickers.models import Portrait
from emotoon.stickers.services import portrait_create, portrait_delete, portrait_get


class Portraits(ApiView, ListAPIView[Portrait]):
    parser_classes = (MultiPartParser,)
    pagination_class = NewestFirst
    serializer_class = PortraitOut
    throttle_scope = "upload"

    def get_queryset(self) -> QuerySet[Portrait]:
        rows: QuerySet[Portrait] = Portrait.objects.owned_by(self.request.user).select_related("consent")
        return rows

    @extend_schema(request=PortraitWish, responses={201: PortraitOut, **problems(422, 503)})
    def post(self, request: Request) -> Response:
        """Check a photo, find its faces and keep it, without its metadata."""
        wish = self.parsed(PortraitWish)
        portrait = portrait_create(
            owner=self.person,
            data=wish["photo"].read(),
            consent=wish["consent"],
            face_index=wish.get("face_index"),
        )
        address = reverse("api:portrait", args=[portrait.public_id])
        return Response(PortraitOut(portrait).data, status.HTTP_201_CREATED, headers={"Location": address})


class OnePortrait(ApiView):
    @extend_schema(responses={200: PortraitOut, **problems(404)})
    def get(self, request: Request, public_id: str) -> Response:
        return Response(PortraitOut(portrait_get(owner=self.person, public_id=public_id)).data)

    @extend_schema(responses={204: None, **problems(404, 503)})
    def delete(self, request: Request, public_id: str) -> Response:
        """Delete the photo, what was found in it, and every sticker made of it."""
        portrait_delete(portrait=portrait_get(owner=self.person, public_id=public_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PortraitPhoto(ApiView):
    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY, 302: None, **problems(404, 503)})
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """The photo's bytes, or a redirect to a link that expires."""
        portrait = portrait_get(owner=self.person, public_id=public_id)
        return private_file(key=portrait.photo_key, format="jpg")
