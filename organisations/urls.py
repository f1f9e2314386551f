"""Sign-in, my page, units and people."""

from django.urls import path

from organisations.views import profile, signing

urlpatterns = [
    path("sign-in/", signing.sign_in, name="login"),
    path("sign-in/demo/", signing.demo_sign_in, name="demo_sign_in"),
    path("sign-out/", signing.sign_out, name="logout"),
    path("me/", profile.profile, name="profile"),
    path("me/password/", signing.change_password, name="password_change"),
]
