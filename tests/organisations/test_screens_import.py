"""Importing people in the browser, and the first page of everybody."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from organisations.models import Post, Region, Unit, User
from organisations.roles import Role
from tests.organisations.test_import import workbook
from tests.organisations.test_screens import office, worker, worker_post

MakePost = Callable[..., Post]
MakeUser = Callable[..., User]
__all__ = ["office", "worker", "worker_post"]


def test_importing_in_the_browser(office: Client, city: Region, worker_post: Post) -> None:
    content = workbook(
        people=[["lisi", "李四", "", worker_post.unit.name, "", "经办人", "", ""]],
        units=[["市工信局", "", "归口部门", "", "", "", ""], ["坏行", "", "什么", "", "", "", ""]],
    )
    file = BytesIO(content)
    file.name = "people.xlsx"
    users = User.objects.count()
    answer = office.post(reverse("people_import"), {"file": file})
    report = answer.context["report"]
    assert (report.new, len(report.refused)) == (2, 1)
    assert (User.objects.count(), Unit.objects.filter(kind="department").count()) == (users, 0)
    answer = office.post(reverse("people_import_confirm"))
    ((username, _name, password),) = answer.context["accounts"]
    assert User.objects.get(username=username).check_password(password)
    assert Unit.objects.get(kind="department").posts.count() == 2
    # a second press finds nothing to confirm
    again = office.post(reverse("people_import_confirm"))
    assert again["Location"] == reverse("people_import")


def test_a_wrong_file_is_refused_in_words(office: Client, city: Region) -> None:
    file = BytesIO(b"not a workbook")
    file.name = "people.xlsx"
    answer = office.post(reverse("people_import"), {"file": file})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_the_template_is_a_workbook(office: Client, city: Region) -> None:
    answer = office.get(reverse("people_template"))
    book = openpyxl.load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["单位", "岗位", "人员"]


# --- the first page ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_a_first_page(
    role: Role, client: Client, city: Region, make_post: MakePost, make_user: MakeUser
) -> None:
    client.force_login(make_user("p", make_post(city, Unit.Kind.OFFICE, role)))
    answer = client.get(reverse("home"))
    assert answer.status_code == 302
    assert answer["Location"] != reverse("home")
    if role == Role.SYSTEM_ADMIN:
        assert answer["Location"] == reverse("people")


def test_without_a_post_the_first_page_is_ones_own(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user("p"))
    assert client.get(reverse("home"))["Location"] == reverse("profile")


def test_the_first_page_asks_nobody_to_come_in_unnamed(client: Client, db: None) -> None:
    assert client.get(reverse("home"))["Location"].startswith(reverse("login"))
