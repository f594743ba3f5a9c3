"""Exports of other projects as evidence: one small module for each format, behind one registry.

    file --open_table--> Raw --Format.read--> Incidents --reports_of--> reports --into_case--> a case

Every row of a file is accounted for: it is read as one or more records, or dropped with a reason.
"""
