import pytest
from django.urls import reverse

from emotoon.accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def sign_up(client, **fields):
    data = {"email": "kim@example.com", "password": "a long password"} | fields
    return client.post(reverse("web:sign_up"), data)


def test_signing_up_logs_in(client):
    response = sign_up(client)
    assert response.status_code == 302
    assert response.url == reverse("web:create")
    assert client.get(response.url).status_code == 200
    assert User.objects.get().email == "kim@example.com"


@pytest.mark.parametrize(
    "fields",
    [{"email": "kim"}, {"email": ""}, {"password": "short"}, {"password": "12345678901"}, {"password": ""}],
)
def test_a_refused_sign_up_says_why_and_makes_nobody(client, fields):
    response = sign_up(client, **fields)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not User.objects.exists()


def test_a_taken_address_is_said_in_both_languages(client):
    UserFactory(email="kim@example.com")
    assert "이미 가입된" in sign_up(client).content.decode()
    client.cookies["django_language"] = "en"
    assert "already an account" in sign_up(client).content.decode()


def test_log_in_with_any_case_and_out_again(client):
    UserFactory(email="kim@example.com")
    address = reverse("web:log_in")
    assert client.post(address, {"username": "x@example.com", "password": "wrong"}).status_code == 200
    response = client.post(address, {"username": "KIM@example.com", "password": "a long password"})
    assert response.url == reverse("web:create")
    assert client.post(reverse("web:log_out")).url == reverse("web:landing")


def test_log_in_never_sends_people_to_another_site(client):
    UserFactory(email="kim@example.com")
    data = {"username": "kim@example.com", "password": "a long password", "next": "https://evil.example/"}
    assert client.post(reverse("web:log_in"), data).url == reverse("web:create")
