"""The words of the trade, pure: companies, families, parameters, anomalies, criteria. No I/O, no framework."""
