"""The SQL of a dossier for measuring: what each row is, from its number alone."""

from vigie.demo.benchmark.scale import LINES_A_DOCUMENT, Scale

CUSTOMERS_A_COMPANY, CUSTOMERS_APART = 1000, 600
"""Each company has a thousand customers, four hundred of whom are the next company's too."""
ITEMS, REPRESENTATIVES, SUPPLIERS = 5000, 30, 300


def macros(scale: Scale) -> str:
    """The functions of a document `d` and of its line `n` that all statements share; amounts in cents."""
    days = (scale.as_of - scale.start).days + 1
    nets = " + ".join(f"net(d, {n})" for n in range(LINES_A_DOCUMENT))
    return f"""
    CREATE MACRO scrambled(x) AS (xor(x, x >> 13) * 69621) % 2147483647;
    CREATE MACRO draw(i, salt) AS
        scrambled((i * 1103515245 + (salt + 100 * {scale.seed})::BIGINT * 12345677) % 2147483647);
    CREATE MACRO company_number(d) AS d % {scale.companies};
    CREATE MACRO company(d) AS 'S' || lpad((company_number(d) + 1)::VARCHAR, 2, '0');
    CREATE MACRO dated(d) AS DATE '{scale.start}' + (d * {days} // {scale.documents})::INTEGER;
    CREATE MACRO kind(d) AS CASE
        WHEN draw(d, 1) % 100 < 4 THEN 'quote' WHEN draw(d, 1) % 100 < 24 THEN 'order'
        WHEN draw(d, 1) % 100 < 44 THEN 'delivery' WHEN draw(d, 1) % 100 < 96 THEN 'invoice' ELSE 'credit_note' END;
    CREATE MACRO document(d) AS 'D' || lpad(d::VARCHAR, 9, '0');
    CREATE MACRO customer_number(d) AS company_number(d) * {CUSTOMERS_APART}
        + (draw(d, 2) % {CUSTOMERS_A_COMPANY}) * (draw(d, 3) % {CUSTOMERS_A_COMPANY}) // {CUSTOMERS_A_COMPANY};
    CREATE MACRO customer(d) AS 'C' || lpad(customer_number(d)::VARCHAR, 6, '0');
    CREATE MACRO supplier(d) AS 'F' || lpad((draw(d, 4) % {SUPPLIERS})::VARCHAR, 5, '0');
    CREATE MACRO pick(d, n) AS d * {LINES_A_DOCUMENT} + n;
    CREATE MACRO quantity(d, n) AS 1 + draw(pick(d, n), 5) % 40;
    CREATE MACRO item_number(d, n) AS (draw(pick(d, n), 6) % {ITEMS}) * (draw(pick(d, n), 7) % 100) // 100;
    CREATE MACRO net(d, n) AS quantity(d, n) * (480 + item_number(d, n) * 37 % 9200) * (100 - draw(d, 8) % 15) // 100;
    CREATE MACRO document_net(d) AS ({nets}) * CASE kind(d) WHEN 'credit_note' THEN -1 ELSE 1 END;
    CREATE MACRO tax(cents) AS (cents * 20 + CASE WHEN cents < 0 THEN -50 ELSE 50 END) // 100;
    CREATE MACRO paid_on(d) AS dated(d) + (20 + draw(d, 9) % 60)::INTEGER;
    CREATE MACRO is_paid(d) AS draw(d, 10) % 100 < 60 AND paid_on(d) <= DATE '{scale.as_of}';
    CREATE MACRO amount(cents) AS cents::DECIMAL(16, 0) * 0.01;
    """


def sales_lines(scale: Scale) -> str:
    """The rows of `sales_lines`, by document. Orders and deliveries of the last weeks are partly open."""
    return f"""
    WITH numbered AS (
        SELECT i // {LINES_A_DOCUMENT} AS d, i % {LINES_A_DOCUMENT} AS n
        FROM range({scale.documents * LINES_A_DOCUMENT}) AS rows(i)
    ), lines AS (
        SELECT d, n, kind(d) AS document_type, dated(d) AS date, net(d, n) AS cents FROM numbered
    )
    SELECT company(d) AS company, document_type, document(d) AS document, (n + 1)::INTEGER AS line, date,
        date + (CASE document_type WHEN 'credit_note' THEN 0 ELSE 4 + draw(d, 11) % 60 END)::INTEGER AS due_date,
        customer(d) AS customer, 'A' || lpad(item_number(d, n)::VARCHAR, 5, '0') AS item,
        'R' || lpad((customer_number(d) % {REPRESENTATIVES})::VARCHAR, 2, '0') AS sales_rep,
        (quantity(d, n) * CASE document_type WHEN 'credit_note' THEN -1 ELSE 1 END)::DECIMAL(12, 2) AS quantity,
        amount(cents * CASE document_type WHEN 'credit_note' THEN -1 ELSE 1 END) AS net_amount,
        amount(CASE
            WHEN document_type = 'order' AND date > DATE '{scale.as_of}' - (draw(d, 12) % 90)::INTEGER THEN cents
            WHEN document_type = 'delivery' AND date > DATE '{scale.as_of}' - (draw(d, 12) % 30)::INTEGER THEN cents
            ELSE 0 END) AS open_amount
    FROM lines
    """


def movements(scale: Scale, documents: str) -> str:
    """The entry lines of the documents that a query selects as `d`, and what each company began with; `cents` > 0 is
    debit. Sales and their payments, a third of the deliveries as purchases and their payments."""
    return f"""
    chosen AS NOT MATERIALIZED ({documents}),
    sold AS NOT MATERIALIZED (
        SELECT d, dated(d) AS day, document_net(d) AS net FROM chosen WHERE kind(d) IN ('invoice', 'credit_note')
    ), bought AS NOT MATERIALIZED (
        SELECT d, dated(d) AS day, document_net(d) * 7 // 10 AS net FROM chosen
        WHERE kind(d) = 'delivery' AND draw(d, 13) % 3 = 0
    ), posted AS NOT MATERIALIZED (
        SELECT d, 'VE' AS journal, day, 'Facture ' || document(d) AS label, customer(d) AS third,
            unnest([net + tax(net), -net, -tax(net)]) AS cents,
            unnest(['411000', '707000', '445710']) AS account FROM sold
        UNION ALL
        SELECT d, 'BQ', paid_on(d), 'Virement ' || document(d), customer(d),
            unnest([net + tax(net), -net - tax(net)]),
            unnest([CASE WHEN draw(d, 14) % 20 = 0 THEN '530100' ELSE '512100' END, '411000'])
            FROM sold WHERE is_paid(d)
        UNION ALL
        SELECT d, 'AC', day, 'Achat ' || document(d), supplier(d),
            unnest([net, tax(net), -net - tax(net)]), unnest(['607000', '445660', '401000']) FROM bought
        UNION ALL
        SELECT d, 'BQ2', paid_on(d), 'Règlement ' || document(d), supplier(d),
            unnest([net + tax(net), -net - tax(net)]), unnest(['401000', '512200']) FROM bought WHERE is_paid(d)
    ), movements AS NOT MATERIALIZED (
        SELECT company_number(d) AS company_number, journal, document(d) AS number, day, account,
            CASE WHEN account IN ('411000', '401000') THEN third ELSE '' END AS third, label, cents FROM posted
        UNION ALL
        SELECT DISTINCT company_number(d), 'AN', 'AN000001', DATE '{scale.start}', start.account, '', 'À nouveau',
            start.cents FROM chosen, (VALUES ('512200', 5000000), ('101300', -5000000)) AS start(account, cents)
    )
    """


def openings(scale: Scale) -> str:
    """A common table expression on `movements`: the opening entries of the second and the third year."""
    return f"""
    openings AS (
        SELECT company_number, 'AN' AS journal, 'AN000001' AS number, first AS day,
            CASE WHEN account[1] IN ('6', '7') THEN '120000' ELSE account END AS account, third,
            'À nouveau' AS label, sum(cents)::BIGINT AS cents
        FROM movements, (VALUES (DATE '{scale.start.year + 1}-01-01'), (DATE '{scale.as_of.year}-01-01')) AS year(first)
        WHERE day < first
        GROUP BY ALL HAVING sum(cents) <> 0
    ), entry_lines AS (SELECT * FROM movements UNION ALL SELECT * FROM openings)
    """


ACCOUNT_LABEL = """CASE account
    WHEN '101300' THEN 'Capital' WHEN '120000' THEN 'Résultat' WHEN '401000' THEN 'Fournisseurs'
    WHEN '411000' THEN 'Clients' WHEN '445660' THEN 'TVA déductible' WHEN '445710' THEN 'TVA collectée'
    WHEN '512100' THEN 'Banque courante' WHEN '512200' THEN 'Banque des règlements' WHEN '530100' THEN 'Caisse'
    WHEN '607000' THEN 'Achats de marchandises' ELSE 'Ventes de marchandises' END"""
THIRD_LABEL = "CASE third[1] WHEN 'C' THEN 'Client ' || third WHEN 'F' THEN 'Fournisseur ' || third ELSE '' END"


def entries(scale: Scale) -> str:
    """The rows of `entries`."""
    documents = f"SELECT d FROM range({scale.documents}) AS documents(d)"
    return f"""
    WITH {movements(scale, documents)}, {openings(scale)}
    SELECT company(company_number) AS company, journal, number AS entry_number, day AS entry_date, account,
        {ACCOUNT_LABEL} AS account_label, third AS third_party, {THIRD_LABEL} AS third_party_label, label,
        amount(greatest(cents, 0)) AS debit, amount(greatest(-cents, 0)) AS credit, number AS piece, '' AS lettering,
        CASE journal WHEN 'AN' THEN 'opening' ELSE 'normal' END AS kind
    FROM entry_lines
    """


def company_entry_lines(scale: Scale, company: int) -> str:
    """All entry lines of a company, by its number."""
    turns = f"range({company}, {scale.documents}, {scale.companies})"
    return f"WITH {movements(scale, f'SELECT d FROM {turns} AS turns(d)')}, {openings(scale)} SELECT * FROM entry_lines"


def fec(entry_lines: str, year: int) -> str:
    """The rows of the FEC of a year, by date and journal, out of a table of entry lines."""
    return f"""
    SELECT journal AS "JournalCode",
        CASE journal WHEN 'AN' THEN 'À-nouveaux' WHEN 'VE' THEN 'Ventes' WHEN 'AC' THEN 'Achats'
            WHEN 'BQ' THEN 'Banque courante' ELSE 'Banque des règlements' END AS "JournalLib",
        number AS "EcritureNum", strftime(day, '%Y%m%d') AS "EcritureDate", account AS "CompteNum",
        {ACCOUNT_LABEL} AS "CompteLib", third AS "CompAuxNum", {THIRD_LABEL} AS "CompAuxLib", number AS "PieceRef",
        strftime(day, '%Y%m%d') AS "PieceDate", label AS "EcritureLib",
        replace(amount(greatest(cents, 0))::VARCHAR, '.', ',') AS "Debit",
        replace(amount(greatest(-cents, 0))::VARCHAR, '.', ',') AS "Credit", '' AS "EcritureLet", '' AS "DateLet",
        strftime(day, '%Y%m%d') AS "ValidDate", '' AS "Montantdevise", '' AS "Idevise"
    FROM {entry_lines} WHERE year(day) = {year}
    ORDER BY day, journal, number, account, third
    """
