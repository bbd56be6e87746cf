"""Wing 2: turn features into files. This package knows no articles and no database."""
