"""One address: fifty open cases of one county, by their date, for whoever is signed in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from cases.models import WorkItem

ROWS = 50


@login_required
def rows(request: HttpRequest) -> HttpResponse:
    found = (
        WorkItem.objects.filter(finished=None, process__county=request.GET["county"])
        .select_related("process__enterprise", "process__county", "process__competent_unit", "post")
        .order_by("due_on", "pk")[:ROWS]
    )
    return render(request, "rows.html", {"rows": found})


urlpatterns = [path("", rows)]
