"""Addresses of people's changes: load, hand-overs, stand-ins."""

from django.urls import path

from cases.views import gaps, groups, handing, loads, pairing, standing_in

urlpatterns = [
    path("people/groups/", groups.group_list, name="groups"),
    path("people/groups/<int:pk>/", groups.group_note, name="group_note"),
    path("people/gaps/", gaps.gap_report, name="gaps"),
    path("people/pairings/", pairing.pairings, name="pairings"),
    path("people/pairings/assign/", pairing.assign, name="pairing_assign"),
    path("people/pairings/template/", pairing.template, name="pairing_template"),
    path("people/pairings/firms/<int:pk>/", pairing.of_firm, name="firm_pairings"),
    path("people/load/", loads.load, name="load"),
    path("people/hand-over/", handing.give, name="hand_over"),
    path("people/hand-over/<int:pk>/", handing.note, name="hand_over_note"),
    path("people/hand-over/<int:pk>/xlsx/", handing.workbook, name="hand_over_xlsx"),
    path("people/stand-ins/", standing_in.stand_ins, name="stand_ins"),
    path("people/stand-ins/xlsx/", standing_in.workbook, name="stand_ins_xlsx"),
    path("people/stand-ins/<int:pk>/end/", standing_in.end, name="stand_in_end"),
]
