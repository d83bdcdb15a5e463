"""The admin panel: every list and form opens, and what it changes goes through the services."""

from __future__ import annotations

import io

import pytest
import skimage.data
from django.contrib.admin.sites import site
from django.contrib.auth.models import Permission
from django.urls import reverse
from PIL import Image

from emotoon import ml
from emotoon.catalog.files import catalog_read
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.catalog.services import catalog_load
from emotoon.core.errors import EmotoonError
from emotoon.jobs.models import Job, JobState
from emotoon.packs.models import PackState
from emotoon.packs.services import pack_add, pack_move
from emotoon.stickers.models import Appeal
from emotoon.stickers.services import portrait_create
from tests.factories import JobFactory, PackFactory, PortraitFactory, StickerFactory, UserFactory

pytestmark = pytest.mark.django_db

OURS = [model for model in site._registry if model.__module__.startswith("emotoon.")]


@pytest.fixture
def staff():
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def panel(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def handed_in():
    pack = PackFactory()
    pack_add(pack=pack, sticker=StickerFactory(owner=pack.owner))
    pack_move(pack=pack, to=PackState.SUBMITTED)
    return pack


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_what_is_registered():
    assert {model.__name__ for model in OURS} == {
        "User", "ConsentRecord", "Job", "TalkingHeadTemplate", "Sticker", "Portrait", "StickerPack", "Appeal",
    }  # fmt: skip


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_lists_and_forms_open_for_staff_only(panel, handed_in, model):
    Appeal.objects.create(owner=handed_in.owner, sentence="너 바보", category="harassment")
    row = model.objects.first()
    pages = [address(model, "changelist"), address(model, "change", row.pk)]
    for page in pages:
        assert panel.get(page).status_code == 200
        assert panel.get(f"{page}?q=x").status_code == 200
    panel.force_login(UserFactory())
    for page in pages:
        assert panel.get(page).status_code == 302


def test_a_template_shows_its_preview_on_ones_own_portrait(panel, staff):
    catalog_load(files=[file for file in catalog_read() if file.template_id == "hello"])
    template = TalkingHeadTemplate.objects.get()
    preview = reverse("admin:catalog_template_preview", args=[template.pk])
    PortraitFactory()
    assert panel.get(preview).status_code == 404  # somebody else's face is never used
    buffer = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).save(buffer, "PNG")
    portrait_create(owner=staff, data=buffer.getvalue(), consent="self")
    form = panel.get(address(TalkingHeadTemplate, "change", template.pk)).content.decode()
    assert f"{preview}?v=" in form
    assert template.default_caption in form
    assert Image.open(io.BytesIO(panel.get(preview).content)).size == (320, 320)


def edit(panel, template, **changed):
    form = panel.get(address(TalkingHeadTemplate, "change", template.pk)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value not in (None, False)} | changed
    return panel.post(address(TalkingHeadTemplate, "change", template.pk), data)


def test_an_edited_template_is_kept_by_the_next_load(panel):
    files = [file for file in catalog_read() if file.template_id == "hello"]
    catalog_load(files=files)
    template = TalkingHeadTemplate.objects.get()
    response = edit(panel, template, title_ko="새 인사")
    assert response.status_code == 302, response.context["errors"]
    template.refresh_from_db()
    assert (template.title_ko, template.is_edited) == ("새 인사", True)
    assert catalog_load(files=files).kept == 1


def test_a_motion_that_cannot_be_acted_is_refused(panel):
    catalog_load(files=[file for file in catalog_read() if file.template_id == "hello"])
    template = TalkingHeadTemplate.objects.get()
    response = edit(panel, template, motion='id = "hello"\nduration_s = "long"\n')
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["motion"]


def move(panel, pack, **data):
    response = panel.post(reverse("admin:packs_pack_move", args=[pack.pk]), data, follow=True)
    pack.refresh_from_db()
    return response


def test_a_pack_is_approved(panel, handed_in):
    form = panel.get(address(type(handed_in), "change", handed_in.pk)).content.decode()
    assert 'value="approved"' in form
    assert 'value="rejected"' in form
    move(panel, handed_in, to="approved")
    assert handed_in.state == PackState.APPROVED


def test_a_pack_is_sent_back_with_a_reason(panel, handed_in):
    move(panel, handed_in, to="rejected")
    assert handed_in.state == PackState.SUBMITTED
    move(panel, handed_in, to="rejected", reason="글자가 잘렸어요")
    assert (handed_in.state, handed_in.review_reason) == (PackState.REJECTED, "글자가 잘렸어요")


def test_an_impossible_move_changes_nothing(panel, handed_in):
    move(panel, handed_in, to="approved")
    move(panel, handed_in, to="rejected", reason="too late")
    assert handed_in.state == PackState.APPROVED
    assert move(panel, handed_in, to="stolen").status_code == 404


def test_reviewers_see_handed_in_pictures_only(panel, handed_in):
    sticker = handed_in.items.get().sticker
    file = sticker.renditions.get(format="webp")
    picture = reverse("admin:packs_pack_picture", args=[handed_in.pk, file.public_id])
    assert picture in panel.get(address(type(handed_in), "change", handed_in.pk)).content.decode()
    assert panel.get(picture).content == f"webp of {sticker.public_id}".encode()
    private = StickerFactory().renditions.first()
    elsewhere = reverse("admin:packs_pack_picture", args=[handed_in.pk, private.public_id])
    assert panel.get(elsewhere).status_code == 404
    move(panel, handed_in, to="draft")
    assert panel.get(picture).status_code == 404


def test_looking_is_not_moving(client, handed_in):
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_stickerpack"))
    client.force_login(viewer)
    assert client.get(address(type(handed_in), "change", handed_in.pk)).status_code == 200
    response = client.post(reverse("admin:packs_pack_move", args=[handed_in.pk]), {"to": "approved"})
    assert response.status_code == 403


def act(panel, action, *jobs):
    data = {"action": action, "_selected_action": [job.pk for job in jobs]}
    response = panel.post(address(Job, "changelist"), data, follow=True)
    for job in jobs:
        job.refresh_from_db()
    return response


def test_only_dead_letters_are_tried_again(panel):
    dead = JobFactory(state=JobState.DEAD, attempt=3, error_code="out_of_memory")
    done = JobFactory(state=JobState.DONE)
    page = act(panel, "try_again", dead, done).content.decode()
    assert (dead.state, dead.attempt, done.state) == (JobState.QUEUED, 0, JobState.DONE)
    assert done.public_id in page


def test_a_waiting_job_is_cancelled(panel):
    job = JobFactory(state=JobState.QUEUED)
    act(panel, "cancel", job)
    assert job.state == JobState.CANCELLED


def test_the_allowance_is_set_in_the_list(panel, staff):
    person = UserFactory()
    people = type(person).objects.order_by("-date_joined")
    data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
    for number, each in enumerate(people):
        data |= {f"form-{number}-id": each.pk, f"form-{number}-daily_stickers": 7 if each == person else ""}
    response = panel.post(address(type(person), "changelist"), data)
    assert response.status_code == 302, response.context["cl"].formset.errors
    person.refresh_from_db()
    assert person.daily_stickers == 7


def test_the_jobs_page_says_what_the_engine_of_this_process_does(panel):
    ml.engine_stop()
    page = panel.get(address(Job, "changelist")).content.decode()
    assert 'id="engine"' not in page, "this process has not rendered anything"
    with pytest.raises(EmotoonError):
        ml.sticker_render(
            order=ml.StickerOrder(analysis=b"", motion="nonsense", caption=""), on_progress=lambda *_: None
        )
    try:
        page = panel.get(address(Job, "changelist")).content.decode()
    finally:
        ml.engine_stop()
    section = page[page.index('id="engine"') :].partition("</table>")[0]
    cells = [cell.partition("</td>")[0] for cell in section.split("<td>")[1:]]
    assert cells[:5] == ["sticker", "0 / 64", "0", "1", "0"]


def test_the_jobs_page_says_when_an_encoder_had_to_be_replaced(panel, settings):
    assert "errornote" not in panel.get(address(Job, "changelist")).content.decode()
    settings.ENCODER = "somebody/not-here"
    page = panel.get(address(Job, "changelist")).content.decode()
    assert "somebody/not-here" in page[page.index("errornote") :]
