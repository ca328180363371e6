-- What a client sets about the computation, over what its sources say of themselves.
-- migrate:up

CREATE TABLE parameters (
    client_code text PRIMARY KEY,
    currency text CHECK (currency IN ('accounting', 'reporting')),
    customer_category_axis text,
    item_category_axis text,
    sold_item_categories text[],
    opening_journals text[],
    net_revenue text[],
    customer_outstanding text[],
    supplier_outstanding text[],
    bank text[],
    saved_at timestamptz NOT NULL
);
COMMENT ON TABLE parameters IS
'Extraction parameters that override those of the sources; null: what the source says of itself holds.';

CREATE TABLE cash_accounts (
    client_code text NOT NULL,
    company text NOT NULL,
    account text NOT NULL,
    cash_account boolean NOT NULL,
    PRIMARY KEY (client_code, company, account)
);
COMMENT ON TABLE cash_accounts IS
'Which accounts count as cash accounts (R7), over what the source says; an account without a row is as the source says.';

ALTER TABLE parameters ENABLE ROW LEVEL SECURITY;
ALTER TABLE parameters FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON parameters USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE cash_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE cash_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cash_accounts USING (current_setting('vigie.client', true) = client_code);

-- migrate:down

DROP TABLE cash_accounts;
DROP TABLE parameters;
