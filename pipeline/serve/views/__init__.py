"""What a page says, as data: the same for HTML and for JSON. Pure, but for reading through what they are given."""
