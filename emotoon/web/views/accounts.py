"""Sign up, log in, log out, and what an account may remember."""

from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from emotoon.accounts.services import choices_learn, user_create
from emotoon.core.errors import InvalidInput
from emotoon.web.forms import LogInForm, SignUpForm
from emotoon.web.requests import OwnerRequest, for_owner


def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = user_create(email=form.cleaned_data["email"], password=form.cleaned_data["password"])
        except InvalidInput as error:
            form.add_error(error.field, str(error.message))
        else:
            login(request, user)
            return redirect("web:create")
    return render(request, "web/sign_up.html", {"form": form}, status=422 if form.errors else 200)


class LogIn(LoginView):
    template_name = "web/log_in.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True


class LogOut(LogoutView):
    pass


@require_POST
@for_owner
def learn_choices(request: OwnerRequest) -> HttpResponse:
    choices_learn(user=request.user, on=request.POST.get("on") == "1")
    return redirect("web:stickers")
