from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # firms' clerks and outside experts work without a post; the list of idle accounts asks
        from config import acting
        from enterprises.views import entering
        from organisations import outsiders

        outsiders.tell_of(acting.clerks_on, apart=True)
        outsiders.tell_of(acting.experts_on)
        outsiders.keeps_on_device(entering.COOKIE, "enter")
