"""Sign-in, my page, units and people."""

from django.urls import path

from organisations.views import accounts, importing, people, profile, signing

urlpatterns = [
    path("sign-in/", signing.sign_in, name="login"),
    path("sign-in/demo/", signing.demo_sign_in, name="demo_sign_in"),
    path("sign-out/", signing.sign_out, name="logout"),
    path("me/", profile.profile, name="profile"),
    path("me/password/", signing.change_password, name="password_change"),
    path("people/", people.people, name="people"),
    path("people/units/new/", people.create_unit, name="unit_create"),
    path("people/units/<int:pk>/", people.unit, name="unit"),
    path("people/units/<int:pk>/pair/", people.pair, name="pair"),
    path("people/units/<int:pk>/join/", people.join, name="join"),
    path("people/units/<int:pk>/posts/", people.create_post, name="post_create"),
    path("people/tenures/<int:pk>/end/", people.end_tenure, name="tenure_end"),
    path("people/accounts/", accounts.accounts, name="accounts"),
    path("people/accounts/<int:pk>/", accounts.account, name="account"),
    path("people/accounts/<int:pk>/password/", accounts.reset_password, name="account_password"),
    path("people/accounts/<int:pk>/switch/", accounts.switch, name="account_switch"),
    path("people/import/", importing.upload, name="people_import"),
    path("people/import/template/", importing.template, name="people_template"),
    path("people/import/confirm/", importing.confirm, name="people_import_confirm"),
]
