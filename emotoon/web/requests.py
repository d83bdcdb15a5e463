"""Requests as our views see them: somebody is logged in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from emotoon.accounts.models import User


class OwnerRequest(HttpRequest):
    user: User
    htmx: HtmxDetails


P = ParamSpec("P")
OwnerView = Callable[Concatenate[OwnerRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_owner(view: OwnerView[P]) -> View[P]:
    """A view for a logged-in person; others are sent to the log-in page and back."""

    @login_required
    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(cast(OwnerRequest, request), *args, **kwargs)

    return cast(View[P], checked)
