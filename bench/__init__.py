"""Side-by-side measurements against what people use otherwise; ``make bench`` prints the ratios."""
