# One image, two roles: the web server (default) and, with another command, the rendering worker.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    DJANGO_SETTINGS_MODULE=emotoon.settings \
    EMOTOON_VAR=/var/lib/emotoon \
    EMOTOON_REQUIRE_SECRET_KEY=1

# skia needs the first two; uWSGI is compiled from source and keeps only the library it was linked with.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libegl1 libgl1 libfontconfig1 libpcre2-8-0 gcc libc6-dev libpcre2-dev && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements/run.txt requirements/nodeps.txt requirements/image.txt requirements/
COPY constraints.txt ./
RUN pip install -q -c constraints.txt -r requirements/image.txt && pip install -q --no-deps -r requirements/nodeps.txt
RUN apt-get purge -y -qq --auto-remove gcc libc6-dev libpcre2-dev

COPY manage.py ./
COPY ml_core ml_core
COPY emotoon emotoon
# Fails here, not on the server, when a native library is missing. Compiled texts and sources belong to the image.
RUN python -m emotoon.core.native && python -m emotoon.core.bytecode && EMOTOON_SECRET_KEY=build EMOTOON_VAR=/tmp/build python -c "import django; django.setup(); from emotoon.core.translations import translations_compile; translations_compile()" && rm -rf /tmp/build

# nginx reads the static files in here; what is private carries its own mode.
RUN useradd --system --create-home --home-dir /var/lib/emotoon emotoon && chmod 755 /var/lib/emotoon
USER emotoon
VOLUME /var/lib/emotoon
EXPOSE 3031

# The worker: python manage.py check_services --wait 120 && exec python manage.py run_worker
CMD ["sh", "-c", "python manage.py prepare --wait 60 && python manage.py collectstatic --noinput --verbosity 0 && python manage.py check_services --wait 30 && exec uwsgi --ini emotoon/uwsgi.ini"]
