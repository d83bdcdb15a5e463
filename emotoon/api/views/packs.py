"""Packs: gather, order, name, submit, take away."""

from __future__ import annotations

from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from emotoon.api.base import ApiView, NewestFirst, problems
from emotoon.api.serializers import OrderWish, PackOut, StickerChoice, TitleWish
from emotoon.packs.models import PackState, StickerPack
from emotoon.packs.services import (
    pack_add,
    pack_cover_set,
    pack_create,
    pack_delete,
    pack_file_name,
    pack_get,
    pack_move,
    pack_remove,
    pack_rename,
    pack_reorder,
    pack_zip,
)
from emotoon.stickers.models import Sticker
from emotoon.stickers.services import sticker_get


class Packs(ApiView, ListAPIView[StickerPack]):
    pagination_class = NewestFirst
    serializer_class = PackOut

    def get_queryset(self) -> QuerySet[StickerPack]:
        rows: QuerySet[StickerPack] = (
            StickerPack.objects.owned_by(self.request.user)
            .select_related("cover")
            .prefetch_related("items__sticker")
        )
        return rows

    @extend_schema(request=TitleWish, responses={201: PackOut, **problems(422)})
    def post(self, request: Request) -> Response:
        pack = pack_create(owner=self.person, title=self.parsed(TitleWish)["title"])
        body = PackOut(pack).data
        return Response(body, status.HTTP_201_CREATED, headers={"Location": body["url"]})


class PackView(ApiView):
    """A view of one pack of the caller's."""

    def pack(self) -> StickerPack:
        return pack_get(owner=self.person, public_id=self.kwargs["public_id"])

    def chosen_sticker(self) -> Sticker:
        return sticker_get(owner=self.person, public_id=self.parsed(StickerChoice)["sticker"])

    def shown(self) -> Response:
        """The pack as it is in the database now."""
        return Response(PackOut(self.pack()).data)


class OnePack(PackView):
    @extend_schema(responses={200: PackOut, **problems(404)})
    def get(self, request: Request, public_id: str) -> Response:
        return self.shown()

    @extend_schema(request=TitleWish, responses={200: PackOut, **problems(404, 422)})
    def patch(self, request: Request, public_id: str) -> Response:
        pack_rename(pack=self.pack(), title=self.parsed(TitleWish)["title"])
        return self.shown()

    @extend_schema(responses={204: None, **problems(404)})
    def delete(self, request: Request, public_id: str) -> Response:
        """The stickers stay; only the pack goes."""
        pack_delete(pack=self.pack())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PackStickers(PackView):
    @extend_schema(request=StickerChoice, responses={200: PackOut, **problems(404, 409, 422)})
    def post(self, request: Request, public_id: str) -> Response:
        """Put a finished sticker at the end; the first one becomes the cover."""
        pack_add(pack=self.pack(), sticker=self.chosen_sticker())
        return self.shown()


class PackSticker(PackView):
    @extend_schema(responses={204: None, **problems(404)})
    def delete(self, request: Request, public_id: str, sticker_id: str) -> Response:
        pack_remove(pack=self.pack(), sticker=sticker_get(owner=self.person, public_id=sticker_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PackOrder(PackView):
    @extend_schema(request=OrderWish, responses={200: PackOut, **problems(404, 422)})
    def put(self, request: Request, public_id: str) -> Response:
        """Name every sticker of the pack once, in the wished order."""
        pack_reorder(pack=self.pack(), sticker_ids=self.parsed(OrderWish)["stickers"])
        return self.shown()


class PackCover(PackView):
    @extend_schema(request=StickerChoice, responses={200: PackOut, **problems(404, 422)})
    def put(self, request: Request, public_id: str) -> Response:
        pack_cover_set(pack=self.pack(), sticker=self.chosen_sticker())
        return self.shown()


class PackSubmit(PackView):
    @extend_schema(request=None, responses={200: PackOut, **problems(404, 409)})
    def post(self, request: Request, public_id: str) -> Response:
        """Hand the pack to review."""
        pack_move(pack=self.pack(), to=PackState.SUBMITTED)
        return self.shown()


class PackZip(PackView):
    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, **problems(404, 409, 503)})
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """All files of the pack, numbered in order, with the AI notice beside them."""
        pack = self.pack()
        response = HttpResponse(pack_zip(pack=pack), content_type="application/zip")
        name = quote(pack_file_name(pack=pack))
        response["Content-Disposition"] = f"attachment; filename=\"emotoon.zip\"; filename*=UTF-8''{name}"
        return response
