"""What is configured wrongly stops with one clear line and exit code 2, before anything is served."""

from __future__ import annotations

import pytest

from emotoon.core.local_stack import free_port
from tests.deploy.stack import manage


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    """A prepared folder: the database has its tables."""
    folder = tmp_path_factory.mktemp("var")
    done = manage("migrate", "--verbosity=0", EMOTOON_VAR=str(folder))
    assert done.returncode == 0, done.stderr
    return str(folder)


def complaint(**environment: str) -> str:
    done = manage("check_services", **environment)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_all_is_well(var):
    done = manage("check_services", EMOTOON_VAR=var)
    assert (done.returncode, done.stderr.strip()) == (0, "database and storage are ready")


def test_a_missing_secret():
    assert "EMOTOON_SECRET_KEY is missing" in complaint(EMOTOON_REQUIRE_SECRET_KEY="1")


def test_a_setting_that_is_not_understood():
    assert "EMOTOON_LEASE_SECONDS='soon' is not understood" in complaint(EMOTOON_LEASE_SECONDS="soon")


def test_another_kind_of_database():
    assert "postgresql://user:password@host:port/name" in complaint(EMOTOON_DATABASE_URL="mysql://root@db/x")


def test_no_database_there():
    url = f"postgresql://emotoon:a-database-secret@127.0.0.1:{free_port()}/emotoon"
    line = complaint(EMOTOON_DATABASE_URL=url)
    assert "The database cannot be used" in line
    assert "a-database-secret" not in line


def test_a_database_without_tables(tmp_path):
    assert "manage.py prepare" in complaint(EMOTOON_VAR=str(tmp_path))


def test_no_s3_there(var):
    line = complaint(
        EMOTOON_VAR=var,
        EMOTOON_S3_BUCKET="emotoon",
        EMOTOON_S3_ENDPOINT=f"http://127.0.0.1:{free_port()}",
        EMOTOON_S3_ACCESS_KEY="the-access-key",
        EMOTOON_S3_SECRET_KEY="the-s3-secret",
    )
    assert "reach bucket 'emotoon'" in line
    assert "EMOTOON_S3_" in line
    assert "the-s3-secret" not in line


def test_a_worker_does_not_start_without_its_database(tmp_path):
    done = manage("run_worker", EMOTOON_VAR=str(tmp_path))
    assert done.returncode == 2
    assert "manage.py prepare" in done.stderr.strip().splitlines()[-1]
