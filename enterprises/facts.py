from datetime import date

from enterprises.models import MonthlyFact
from organisations.models import Region


def newest_facts(city: Region, *, as_of: date) -> dict[int, MonthlyFact]:
    rows = MonthlyFact.objects.filter(city=city, known_on__lte=as_of).order_by(
        "about_month", "known_on"
    )
    return {r.enterprise_id: r for r in rows}
