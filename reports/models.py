from reports.documents.meeting_noun import MeetingPapers
from reports.documents.nouns import (
    Document,
    DocumentStep,
    HouseStyle,
    Receipt,
    ReceiptNews,
    SigningSheet,
)
from reports.figures.counted import CountMark, CountyCount
from reports.figures.nouns import Freeze, FrozenRows, PublishedRate

__all__ = [
    "CountMark",
    "CountyCount",
    "Document",
    "DocumentStep",
    "Freeze",
    "FrozenRows",
    "HouseStyle",
    "MeetingPapers",
    "PublishedRate",
    "Receipt",
    "ReceiptNews",
    "SigningSheet",
]
