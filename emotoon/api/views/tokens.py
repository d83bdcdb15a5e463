"""Tokens: given for e-mail and password, shown once, kept as a hash, valid for a while."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from emotoon.api.base import ApiView, problems
from emotoon.api.serializers import TokenGiven, TokenWish


class Tokens(ApiView):
    authentication_classes: tuple[type[BaseAuthentication], ...] = ()
    permission_classes = (AllowAny,)
    throttle_scope = "token"

    @extend_schema(request=TokenWish, responses={201: TokenGiven, **problems(422)}, auth=[])
    def post(self, request: Request) -> Response:
        """A new token for `Authorization: Bearer ...`."""
        wish = self.parsed(TokenWish)
        user = authenticate(request, username=wish["email"].lower(), password=wish["password"])
        if user is None:
            raise AuthenticationFailed(_("E-mail or password is not right. Please try again."))
        row, token = AuthToken.objects.create(user=user)
        given = TokenGiven({"token": token, "expires_at": row.expiry})
        return Response(given.data, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    def get_authenticate_header(self, request: Request) -> str:
        """Without it a wrong password would be answered 403: no authentication class names a challenge."""
        return "Bearer"


class CurrentToken(ApiView):
    @extend_schema(responses={204: None, **problems()})
    def delete(self, request: Request) -> Response:
        """Revoke the token this call is made with."""
        request.auth.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
