"""The roof: articles, reports, incidents, the story that joins the two wings, and the command line."""
