"""The chart of accounts and the journals, by the French general chart of accounts (PCG)."""

from vigie.demo.firm import FAMILIES

JOURNALS: dict[str, str] = {
    "AN": "À-nouveaux",
    "VE": "Ventes",
    "AC": "Achats",
    "BQ1": "Crédit des Halles",
    "BQ2": "Banque du Val",
    "CA": "Caisse",
    "OD": "Opérations diverses",
    "PA": "Paie",
}
"""The journals, in the order in which the entries of one day are written."""

CUSTOMERS = "411000"
BILLS_RECEIVABLE = "413000"
DOUBTFUL_CUSTOMERS = "416000"
SUPPLIERS = "401000"
BILLS_PAYABLE = "403000"
FIRST_BANK = "512100"
SECOND_BANK = "512200"
TILL = "530100"
PETTY_CASH = "530200"
TRANSFERS = "580000"
DEDUCTIBLE_VAT = "445660"
VAT_CREDIT = "445670"
VAT_DUE = "445510"
COLLECTED_VAT: dict[int, str] = {200: "445711", 55: "445712"}
STOCK = "370000"
STAFF = "421000"
SOCIAL_SECURITY = "431000"
PENSIONS = "437000"
WITHHELD_TAX = "442100"
PROFIT_TAX = "444000"
LOAN = "164000"
PROFIT = "120000"
LOSS = "129000"
EARNINGS_KEPT = "110000"
LOSSES_KEPT = "119000"
REBATES: dict[int, str] = {200: "709720", 55: "709705"}
SALES: dict[str, str] = {family: f"707{n:02d}0" for n, family in enumerate(FAMILIES, start=1)}
PURCHASES: dict[str, str] = {family: f"607{n:02d}0" for n, family in enumerate(FAMILIES, start=1)}

ACCOUNTS: dict[str, str] = {
    "101300": "Capital souscrit, appelé, versé",
    "106100": "Réserve légale",
    EARNINGS_KEPT: "Report à nouveau (solde créditeur)",
    LOSSES_KEPT: "Report à nouveau (solde débiteur)",
    PROFIT: "Résultat de l'exercice (bénéfice)",
    LOSS: "Résultat de l'exercice (perte)",
    LOAN: "Emprunts auprès des établissements de crédit",
    "218200": "Matériel de transport",
    "281820": "Amortissements du matériel de transport",
    STOCK: "Stocks de marchandises",
    SUPPLIERS: "Fournisseurs",
    BILLS_PAYABLE: "Fournisseurs - Effets à payer",
    CUSTOMERS: "Clients",
    BILLS_RECEIVABLE: "Clients - Effets à recevoir",
    DOUBTFUL_CUSTOMERS: "Clients douteux ou litigieux",
    STAFF: "Personnel - Rémunérations dues",
    SOCIAL_SECURITY: "Sécurité sociale",
    PENSIONS: "Autres organismes sociaux",
    WITHHELD_TAX: "Prélèvements à la source (impôt sur le revenu)",
    PROFIT_TAX: "État - Impôts sur les bénéfices",
    VAT_DUE: "TVA à décaisser",
    DEDUCTIBLE_VAT: "TVA déductible sur autres biens et services",
    VAT_CREDIT: "Crédit de TVA à reporter",
    COLLECTED_VAT[200]: "TVA collectée 20 %",
    COLLECTED_VAT[55]: "TVA collectée 5,5 %",
    "491000": "Dépréciations des comptes de clients",
    FIRST_BANK: "Crédit des Halles - compte courant",
    SECOND_BANK: "Banque du Val - compte courant",
    TILL: "Caisse du comptoir",
    PETTY_CASH: "Caisse des menus frais",
    TRANSFERS: "Virements internes",
    "603700": "Variation des stocks de marchandises",
    "606100": "Fournitures non stockables (eau, énergie)",
    "606150": "Carburants",
    "606400": "Fournitures administratives",
    "613200": "Locations immobilières",
    "615500": "Entretien et réparations sur biens mobiliers",
    "616000": "Primes d'assurances",
    "622600": "Honoraires",
    "624200": "Transports sur ventes",
    "625700": "Réceptions",
    "626000": "Frais postaux et de télécommunications",
    "627000": "Services bancaires et assimilés",
    "641100": "Salaires et appointements",
    "645100": "Cotisations à l'URSSAF",
    "645300": "Cotisations aux caisses de retraites",
    "658000": "Charges diverses de gestion courante",
    "661100": "Intérêts des emprunts et dettes",
    "661600": "Intérêts bancaires et sur opérations de financement",
    "681120": "Dotations aux amortissements des immobilisations corporelles",
    "681740": "Dotations aux dépréciations des créances",
    "695000": "Impôts sur les bénéfices",
    REBATES[55]: "Rabais, remises et ristournes accordés 5,5 %",
    REBATES[200]: "Rabais, remises et ristournes accordés 20 %",
    "758000": "Produits divers de gestion courante",
    **{account: f"Ventes - {family}" for family, account in SALES.items()},
    **{account: f"Achats - {family}" for family, account in PURCHASES.items()},
}
