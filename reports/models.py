from reports.documents.nouns import Document, DocumentStep, HouseStyle, Receipt

__all__ = ["Document", "DocumentStep", "HouseStyle", "Receipt"]
