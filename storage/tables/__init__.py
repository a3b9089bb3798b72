"""The state's tables, one file each. A ``…View`` reads; the table of the same name, inside a transaction, also writes."""
