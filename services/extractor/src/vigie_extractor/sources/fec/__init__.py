"""FEC files: the accounting export of French law, in the variants that real programs write.

files finds them, layout reads a header, spool makes an odd file readable, query says how DuckDB reads the rows.
"""
