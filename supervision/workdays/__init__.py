"""Working days: China's public holidays and make-up days, and what people entered by hand."""
