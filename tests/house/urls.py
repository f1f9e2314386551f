"""The product's addresses, and one page that says whether somebody is signed in."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def probe(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in" if request.user.is_authenticated else "out")


urlpatterns = [path("probe/", probe), path("", include("config.urls"))]
