"""French and English words of the terminal. Indicator titles are those of the indicators' definition."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from vigie_extractor.indicators.result import IndicatorId


class Language(StrEnum):
    FR = "fr"
    EN = "en"


TITLES: dict[IndicatorId, tuple[str, str]] = {
    IndicatorId.COMMERCIAL_REVENUE: ("Chiffre d'affaires commercial", "Sales revenue"),
    IndicatorId.MONTH_PORTFOLIO: ("Portefeuille du mois", "Portfolio of the month"),
    IndicatorId.MONTH_ORDER_BOOK: ("Portefeuille de commandes du mois", "Order book of the month"),
    IndicatorId.TOP_CUSTOMERS_MONTH: ("Top 5 clients du mois", "Top 5 customers of the month"),
    IndicatorId.TOP_CUSTOMERS_YEAR: ("Top 5 clients de l'exercice", "Top 5 customers of the year"),
    IndicatorId.TOP_CUSTOMER_CATEGORIES_MONTH: (
        "Top 5 des catégories clients du mois",
        "Top 5 customer categories of the month",
    ),
    IndicatorId.TOP_CUSTOMER_CATEGORIES_YEAR: (
        "Top 5 des catégories clients de l'exercice",
        "Top 5 customer categories of the year",
    ),
    IndicatorId.TOP_ITEMS_MONTH: ("Top 5 articles du mois", "Top 5 items of the month"),
    IndicatorId.TOP_ITEMS_YEAR: ("Top 5 articles de l'exercice", "Top 5 items of the year"),
    IndicatorId.TOP_ITEM_FAMILIES_MONTH: ("Top 5 familles articles du mois", "Top 5 item families of the month"),
    IndicatorId.TOP_ITEM_FAMILIES_YEAR: ("Top 5 familles articles de l'exercice", "Top 5 item families of the year"),
    IndicatorId.TOP_SALES_REPS_MONTH: ("Top 5 représentants du mois", "Top 5 sales representatives of the month"),
    IndicatorId.TOP_SALES_REPS_YEAR: ("Top 5 représentants de l'exercice", "Top 5 sales representatives of the year"),
    IndicatorId.ACCOUNTING_REVENUE: ("CA comptable", "Accounting revenue"),
    IndicatorId.TOP_CUSTOMER_OUTSTANDING: ("Top 5 de l'encours client", "Top 5 customer outstanding"),
    IndicatorId.TOP_SUPPLIER_OUTSTANDING: ("Top 5 de l'encours fournisseur", "Top 5 supplier outstanding"),
    IndicatorId.TREASURY_POSITION: ("Situation de trésorerie", "Treasury position"),
}

_WORDS: dict[str, tuple[str, str]] = {
    "company": ("Société", "Company"),
    "family": ("Famille", "Family"),
    "as_of": ("au", "as of"),
    "month": ("Mois", "Month"),
    "month_previous_year": ("Mois, un an avant", "Month, a year before"),
    "year": ("Exercice", "Year"),
    "year_previous": ("Exercice précédent", "Previous year"),
    "amount": ("Montant", "Amount"),
    "due": ("À échéance", "Due"),
    "overdue": ("En retard", "Overdue"),
    "delivered": ("Livré non facturé", "Delivered, not invoiced"),
    "later": ("Plus tard", "Later"),
    "stock": ("Carnet total", "Whole book"),
    "intake": ("Commandes prises", "Intake"),
    "code": ("Code", "Code"),
    "label": ("Libellé", "Label"),
    "share": ("Part", "Share"),
    "others": ("Autres", "Others"),
    "unassigned": ("Non affecté", "Unassigned"),
    "total": ("Total", "Total"),
    "in_credit": ("Soldes inverses", "In credit"),
    "account": ("Compte", "Account"),
    "assets": ("Disponibilités", "Assets"),
    "overdrafts": ("Découverts", "Overdrafts"),
    "unavailable": ("Non fourni", "Not provided"),
    "anomalies": ("Anomalies", "Anomalies"),
    "no_anomaly": ("Aucune anomalie.", "No anomaly."),
    "severity": ("Gravité", "Severity"),
    "kind": ("Nature", "Kind"),
    "count": ("Nombre", "Count"),
    "detail": ("Détail", "Detail"),
    "files": ("Fichiers", "Files"),
    "file": ("Fichier", "File"),
    "present": ("Lignes présentes", "Rows present"),
    "read": ("Lues", "Read"),
    "refused": ("Refusées", "Refused"),
    "left_out": ("Non extraits", "Left out"),
    "error": ("erreur", "error"),
    "warning": ("avertissement", "warning"),
    "info": ("information", "info"),
    "working": ("Extraction en cours", "Extracting"),
    "rows": ("lignes", "rows"),
    "step_structure": ("Structure du dossier", "Structure of the dossier"),
    "step_tables": ("Fichiers et tables de référence", "Files and master tables"),
    "step_sales": ("Lignes de vente", "Sales lines"),
    "step_accounting": ("Écritures", "Entries"),
}

_THIN_SPACE = "\u202f"


@dataclass(frozen=True, slots=True)
class Locale:
    """Words, amounts, dates and counts for one reader."""

    language: Language

    @property
    def _index(self) -> int:
        return 0 if self.language is Language.FR else 1

    def word(self, key: str) -> str:
        return _WORDS[key][self._index]

    def title(self, indicator: IndicatorId) -> str:
        return TITLES[indicator][self._index]

    def amount(self, value: Decimal) -> str:
        """1 234,50 with thin spaces in French, 1,234.50 in English."""
        return self._separated(f"{value:,.2f}")

    def count(self, value: int) -> str:
        return self._separated(f"{value:,}")

    def share(self, value: Decimal | None) -> str:
        """A share as a percentage with two decimals; a dash where there is no total to share."""
        if value is None:
            return "–"
        percent = self._separated(f"{value * 100:.2f}")
        return f"{percent}{_THIN_SPACE}%" if self.language is Language.FR else f"{percent}%"

    def day(self, value: date) -> str:
        return f"{value:%d/%m/%Y}" if self.language is Language.FR else value.isoformat()

    def _separated(self, number: str) -> str:
        if self.language is Language.EN:
            return number
        return number.replace(",", _THIN_SPACE).replace(".", ",")
