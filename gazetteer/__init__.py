"""Wing 1: which places are called this, and where are they? This package knows no articles."""
