"""Create a sticker, watch it being made, keep it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import condition, require_GET, require_http_methods, require_POST

from emotoon import ml
from emotoon.catalog.categories import categories_list, templates_of
from emotoon.catalog.search import template_search
from emotoon.core.errors import InvalidInput
from emotoon.stickers.appeals import appeal_record, is_appealable
from emotoon.stickers.favourites import template_favourites
from emotoon.stickers.models import Portrait, Sticker
from emotoon.stickers.services import (
    portrait_delete,
    portrait_get,
    sticker_cancel,
    sticker_delete,
    sticker_get,
    sticker_submit,
)
from emotoon.web.forms import CreateForm
from emotoon.web.requests import OwnerRequest, for_owner

PAGE = 24


@require_http_methods(["GET", "POST"])
@for_owner
def create(request: OwnerRequest) -> HttpResponse:
    form = CreateForm(request.POST or None, request.FILES or None)
    appealable = False
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        try:
            sticker = sticker_submit(
                owner=request.user,
                photo=wish["photo"].read() if wish["photo"] else None,
                portrait_id=wish["portrait"],
                consent=wish["consent"],
                sentence=wish["sentence"],
                template_id=wish["template"],
                look=form.look(),
            )
        except InvalidInput as error:
            appealable = is_appealable(error)
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            return redirect("web:sticker", sticker.public_id)
    context = {
        "form": form,
        "styles": CreateForm.styles(),
        "chosen_style": form["style"].value() or "cel",
        "appealable": appealable,
        "portraits": Portrait.objects.owned_by(request.user)[:6],
    }
    return render(request, "web/create.html", context, status=422 if form.errors else 200)


@require_POST
@for_owner
def appeal(request: OwnerRequest) -> HttpResponse:
    """Ask a curator to look at a sentence, or the name of a pack, that the moderator refused."""
    field, back = ("title", "web:packs") if "title" in request.POST else ("sentence", "web:create")
    asked = appeal_record(owner=request.user, sentence=request.POST.get(field, ""))
    return render(request, "web/appeal.html", {"appeal": asked, "back": back})


@require_GET
@for_owner
def suggestions(request: OwnerRequest) -> HttpResponse:
    """Templates that fit what is being typed; silent while it is too little to go by.

    When the search does not know, it asks for a subject; with ``?category=`` that subject's templates follow.
    """
    if category := request.GET.get("category"):
        chosen: dict[str, object] = {
            "categories": categories_list(),
            "chosen_category": category,
            "of_category": templates_of(category=category),
        }
        return render(request, "web/fragments/suggestions.html", chosen)
    try:
        found = template_search(
            sentence=request.GET.get("sentence", ""),
            k=3,
            favourites=template_favourites(owner=request.user),
        )
    except InvalidInput:
        found = None
    asks = found is not None and found.confidence == "unsure"
    shown: dict[str, object] = {"found": found, "categories": categories_list() if asks else []}
    return render(request, "web/fragments/suggestions.html", shown)


@require_GET
@for_owner
def mine(request: OwnerRequest) -> HttpResponse:
    stickers = Sticker.objects.owned_by(request.user).select_related("job").prefetch_related("renditions")
    page = Paginator(stickers, PAGE).get_page(request.GET.get("page"))
    return render(request, "web/stickers.html", {"page": page})


PREVIEWS = ("webp", "apng", "gif", "png")
"""What a page shows of a sticker, the best first."""


def _context(sticker: Sticker) -> dict[str, object]:
    job = sticker.job
    renditions = {file.format: file for file in sticker.renditions.all()}
    return {
        "sticker": sticker,
        "job": job,
        "renditions": renditions,
        # Whoever asked through the API may have chosen formats without a WebP.
        "preview": next((renditions[name] for name in PREVIEWS if name in renditions), None),
        "error": ml.message_for(job.error_code) if job.error_code else "",
        "face_count": len(sticker.portrait.faces),
    }


@require_GET
@for_owner
def detail(request: OwnerRequest, public_id: str) -> HttpResponse:
    sticker = sticker_get(owner=request.user, public_id=public_id)
    packs = request.user.packs.all()
    return render(request, "web/sticker.html", _context(sticker) | {"packs": packs})


def _status_etag(request: HttpRequest, public_id: str) -> str | None:
    if not request.user.is_authenticated:
        return None
    sticker = Sticker.objects.owned_by(request.user).select_related("job").filter(public_id=public_id).first()
    if sticker is None:
        return None
    job = sticker.job
    language = request.LANGUAGE_CODE
    return f'"{job.state}-{job.attempt}-{job.stage}-{job.progress}-{job.queue_position}-{language}"'


@require_GET
@condition(etag_func=_status_etag)
@for_owner
def status(request: OwnerRequest, public_id: str) -> HttpResponse:
    sticker = sticker_get(owner=request.user, public_id=public_id)
    response = render(request, "web/fragments/status.html", _context(sticker))
    if request.htmx and sticker.job.is_final:
        response["HX-Refresh"] = "true"  # the whole page changes: packs and deletion become possible
    return response


@require_POST
@for_owner
def cancel(request: OwnerRequest, public_id: str) -> HttpResponse:
    sticker = sticker_get(owner=request.user, public_id=public_id)
    sticker_cancel(sticker=sticker)
    return redirect("web:sticker", public_id)


@require_POST
@for_owner
def delete(request: OwnerRequest, public_id: str) -> HttpResponse:
    sticker_delete(sticker=sticker_get(owner=request.user, public_id=public_id))
    return redirect("web:stickers")


@require_POST
@for_owner
def portrait_remove(request: OwnerRequest, public_id: str) -> HttpResponse:
    portrait_delete(portrait=portrait_get(owner=request.user, public_id=public_id))
    return redirect("web:create")
