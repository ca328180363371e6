"""Dossiers of millions of rows, for measuring: a plain trade, drawn by DuckDB from row numbers.

Nothing is kept while writing: a row is a pure function of its number, the seed and the scale, so memory does not grow
with the dossier, and the documents, their entries and the openings are written by a few statements each. Documents
follow one another by date, companies interleaved, as a table of an ERP has them.

Entries balance one by one, each year opens with the closing balances of the one before, and revenue is the invoiced
sales. Less is told than by the small demonstration: there is no lettering, no tax is paid, and wages and rent are not
there.
"""
