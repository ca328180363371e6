"""The pipeline under faults: processes killed, stores crashed, links cut, frozen and half open."""
