"""Parsing of what people send; what it means is decided by the services."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from emotoon.accounts.models import ConsentRecord
from emotoon.web.look_form import LookForm

MAX_TYPED = 10_000
"""Longer input is refused by the form; up to here the service answers with its own, better sentence."""


class SignUpForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 8 characters."),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class LogInForm(AuthenticationForm):
    username = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    error_messages = {  # noqa: RUF012 - Django's own attribute
        "invalid_login": _("E-mail or password is not right. Please try again."),
        "inactive": _("This account is closed."),
    }

    def clean_username(self) -> str:
        email: str = self.cleaned_data["username"]
        return email.lower()


class CreateForm(LookForm):
    """A new photo or one of the person's earlier portraits, a sentence, and how it should look."""

    photo = forms.FileField(required=False, label=_("Photo"))
    portrait = forms.SlugField(required=False, widget=forms.HiddenInput)
    sentence = forms.CharField(required=False, max_length=MAX_TYPED, label=_("What do you want to say?"))
    template = forms.SlugField(required=False)
    consent = forms.ChoiceField(required=False, choices=ConsentRecord.Subject.choices)


class PackForm(forms.Form):
    """A new pack's name, or an earlier pack to put the sticker into."""

    title = forms.CharField(required=False, max_length=200, label=_("Name of the pack"))
    pack = forms.SlugField(required=False)
