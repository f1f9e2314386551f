from reports.documents.nouns import Document, DocumentStep, Receipt

__all__ = ["Document", "DocumentStep", "Receipt"]
