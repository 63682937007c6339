"""A report on paper: a record in; a document of parts, and from it pages (PDF, pictures) or HTML with the same figures."""
