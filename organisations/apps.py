from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "organisations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # listens to sign-ins as soon as the models are there
        from organisations import signins  # noqa: F401
