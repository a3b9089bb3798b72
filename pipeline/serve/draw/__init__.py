"""Pictures as SVG, drawn on the server. Pure: data in, markup out; colours are classes of the style sheet.

Every picture has a label that says what it shows, and stands beside a table with the same figures.
"""
