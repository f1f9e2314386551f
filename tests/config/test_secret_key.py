"""A new secret key: what the old one signed goes on until it is taken out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from cases.note_key import key_of, read_key
from config.secret import kept_keys
from enterprises.actions import inviting
from enterprises.models import Enterprise, Invitation
from enterprises.views.entering import SALT
from organisations import clock
from organisations.errors import Refused
from organisations.scope import Actor
from tests.config.test_commands import as_json, refused, run
from tests.world import World

OLD = "the key of last year, of at least fifty characters, as it should be"
BACKEND = "django.contrib.auth.backends.ModelBackend"
NEW = "the key of this year, of at least fifty characters, as it should be"
EMPTY = {"progress": "", "problem": "", "expected": ""}


@pytest.mark.django_db
def test_sessions_invitations_and_workbooks_outlive_a_rotation(world: World, settings: Any) -> None:
    settings.SECRET_KEY = OLD
    client = Client()
    client.force_login(world.people["office/1"], backend=BACKEND)
    firm = Enterprise.objects.create(name="洛阳示例轴承有限公司", credit_code="91410300MA00000010")
    _made, code = inviting.invite(firm, by=Actor.system(), at=clock.now())
    phone = signing.dumps([1, "2026-01-01"], salt=SALT)
    row = key_of(7, 3, EMPTY).text()

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert client.get(reverse("profile")).status_code == 200
    found = inviting.find(code, at=clock.now(), address=None)
    assert found == Invitation.objects.get()
    assert signing.loads(phone, salt=SALT) == [1, "2026-01-01"]
    assert read_key(row) == key_of(7, 3, EMPTY)
    # it is signed anew, and the old key may go
    assert client.get(reverse("profile")).status_code == 200

    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(reverse("profile")).status_code == 200
    assert read_key(row) is None
    with pytest.raises(Refused) as wrong:
        inviting.find(code, at=clock.now(), address=None)
    assert wrong.value.code == "wrong_code"
    with pytest.raises(signing.BadSignature):
        signing.loads(phone, salt=SALT)


@pytest.mark.django_db
def test_the_kept_key_is_rotated_by_a_command(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.SECRET_KEY_IS_GIVEN = tmp_path, False
    [first] = kept_keys(tmp_path)
    assert as_json("secret_key", "rotate") == {"keys": 2, "open_invitations_until": None}
    newest, second = kept_keys(tmp_path)
    assert (second, newest != first) == (first, True)
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert as_json("secret_key", "forget")["keys"] == 1
    assert kept_keys(tmp_path) == [newest]
    settings.SECRET_KEY_FALLBACKS = [OLD]
    assert as_json("secret_key", "show")["keys"] == 2
    assert "2" in run("secret_key", "show")
    settings.SECRET_KEY_IS_GIVEN = True
    assert refused("secret_key", "rotate")[0]["code"] == "given_key"
