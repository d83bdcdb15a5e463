"""Templates: all of them, or those that fit a sentence."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from emotoon.api.base import ApiView, problems
from emotoon.api.serializers import CategoryOut, SearchOut, SearchWish, TemplateOut, TemplatesWish
from emotoon.catalog.categories import categories_list
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.catalog.search import template_search
from emotoon.catalog.services import template_get
from emotoon.stickers.favourites import template_favourites


class Templates(ApiView):
    @extend_schema(parameters=[TemplatesWish], responses={200: TemplateOut(many=True), **problems(422)})
    def get(self, request: Request) -> Response:
        """Every published template, or those of one category."""
        wish = self.parsed(TemplatesWish, data=request.query_params)
        templates = TalkingHeadTemplate.objects.published()
        if "category" in wish:
            templates = templates.filter(category=wish["category"])
        return Response(TemplateOut(templates, many=True).data)


class Categories(ApiView):
    @extend_schema(responses={200: CategoryOut(many=True), **problems()})
    def get(self, request: Request) -> Response:
        """What to ask for when the search is unsure."""
        return Response(CategoryOut(categories_list(), many=True).data)


class TemplateSearch(ApiView):
    @extend_schema(parameters=[SearchWish], responses={200: SearchOut, **problems(422)})
    def get(self, request: Request) -> Response:
        """The templates that fit a sentence, best first."""
        wish = self.parsed(SearchWish, data=request.query_params)
        favourites = template_favourites(owner=request.user) if request.user.is_authenticated else {}
        found = template_search(sentence=wish["sentence"], k=wish["k"], favourites=favourites)
        return Response(SearchOut(found).data)


class OneTemplate(ApiView):
    @extend_schema(responses={200: TemplateOut, **problems(404)})
    def get(self, request: Request, template_id: str) -> Response:
        return Response(TemplateOut(template_get(template_id=template_id)).data)
